import net from 'node:net';
import tls from 'node:tls';
import { Kafka, logLevel, type ISocketFactory, type SASLOptions } from 'kafkajs';

/** Where the brokers are and how to log in: what `KAFKA_BROKERS`, `KAFKA_SSL` and `KAFKA_SASL_*` say. */
export interface KafkaSettings {
  /** `host:port` each. */
  brokers: string[];
  ssl?: boolean | tls.ConnectionOptions;
  sasl?: {
    mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    username: string;
    password: string;
  };
  /** Keeps test runs apart: goes before every topic and group. Empty in production. */
  prefix?: string;
  /** How the brokers' logs name this process. */
  clientId?: string;
  /** Topics to make where missing, before anything is sent. A broker that makes topics by itself hides a wrong name. */
  ensureTopics?: ReadonlyArray<{ topic: string; partitions: number }>;
}

/**
 * A kafkajs client. Its log is off: it prints to the console in its own form and repeats what its errors say.
 * `retries` is how often one request is repeated inside kafkajs.
 */
export function kafkaClient(settings: KafkaSettings, retries: number, socketFactory?: ISocketFactory): Kafka {
  return new Kafka({
    brokers: settings.brokers,
    clientId: settings.clientId ?? 'alliance-hub',
    ...(settings.ssl ? { ssl: settings.ssl } : {}),
    ...(settings.sasl ? { sasl: settings.sasl as SASLOptions } : {}),
    ...(socketFactory ? { socketFactory } : {}),
    connectionTimeout: 1_000,
    requestTimeout: 3_000,
    retry: { retries, initialRetryTime: 100, maxRetryTime: 1_000 },
    logLevel: logLevel.NOTHING,
  });
}

const PRODUCE = 0;

/** Sockets that tell when a produce request leaves; only this separates "none was taken" from "perhaps". */
export function socketsThatTell(onProduce: () => void): ISocketFactory {
  return ({ host, port, ssl, onConnect }) => {
    const name = net.isIP(host) ? {} : { servername: host };
    const socket = ssl
      ? tls.connect({ host, port, ...name, ...ssl }, onConnect)
      : net.connect({ host, port }, onConnect);
    socket.setKeepAlive(true, 60_000);
    const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
    socket.write = (...args: unknown[]) => {
      // A request begins with its size (4 bytes) and its kind (2 bytes).
      const [request] = args;
      if (Buffer.isBuffer(request) && request.length > 6 && request.readInt16BE(4) === PRODUCE) onProduce();
      return write(...args);
    };
    return socket;
  };
}
