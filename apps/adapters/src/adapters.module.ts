import {
  Module,
  type DynamicModule,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleDestroy,
} from '@nestjs/common';
import type { Partner, Work } from '#contracts';
import { createBreaker } from '#channels/breaker.js';
import type { Wire } from '#wire';
import { carriedPartners, createAdapters } from './adapters.js';
import { collectLoop, type CollectLog } from './collect-loop.js';
import type { Credentials } from './credentials.js';
import { deliverController, workTopics } from './deliver.controller.js';
import { httpDoor } from './http-door.js';
import { createPickups, pickedUpPartners } from './pickups.js';
import { runAttempt, type Carrier } from './run-attempt.js';

export interface AdaptersOptions {
  partners: readonly Partner[];
  wire: Wire;
  credentials: Credentials;
  /** Where a defect of an adapter is told; a pino logger fits. */
  log: { error(fields: object, message: string): void } & Partial<CollectLog>;
  /** Where the hub's doors are, for what is fetched from partners; without it nothing is fetched. */
  hubUrl?: string;
}

/** The topics that a process with these partners' adapters must read. */
export function adapterTopics(partners: readonly Partner[]): string[] {
  return carriedPartners(partners).flatMap((partner) => workTopics(partner.id));
}

/** The adapters of some partners, with one controller each. */
@Module({})
export class AdaptersModule {
  /** @throws Error naming every partner that lacks an adapter, an address or a credential */
  static register(options: AdaptersOptions): DynamicModule {
    const { partners, wire, credentials, log } = options;
    const byId = new Map(partners.map((partner) => [partner.id, partner]));
    const carriers = createAdapters(partners, credentials).map((adapter): Carrier => {
      const { window = 1, urgentWindow = 1 } = byId.get(adapter.partner) ?? {};
      const breaker = createBreaker(adapter.partner, window + urgentWindow);
      return {
        adapter,
        breaker,
        wire,
        onDefect: (work, error) => log.error(defectOf(work, error), 'adapter failed'),
      };
    });
    return {
      module: AdaptersModule,
      controllers: carriers.map((carrier) =>
        deliverController(carrier.adapter.partner, (work) => runAttempt(carrier, work)),
      ),
      providers: [
        { provide: CloseAdapters, useValue: new CloseAdapters(carriers) },
        { provide: Collecting, useValue: new Collecting(loopsOf(options)) },
      ],
    };
  }
}

/** Releases sockets and timers once Nest has drained and closed the wire's strategy. */
class CloseAdapters implements OnApplicationShutdown {
  constructor(private readonly carriers: readonly Carrier[]) {}

  async onApplicationShutdown(): Promise<void> {
    for (const { breaker } of this.carriers) breaker.close();
    await Promise.all(this.carriers.map(({ adapter }) => adapter.close()));
  }
}

/** Begins to look at partners' places when the process is up, and ends it before anything else ends. */
class Collecting implements OnApplicationBootstrap, OnModuleDestroy {
  private running: { stop(): Promise<void> }[] = [];

  constructor(private readonly loops: readonly (() => { stop(): Promise<void> })[]) {}

  onApplicationBootstrap(): void {
    this.running = this.loops.map((begin) => begin());
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all(this.running.map((loop) => loop.stop()));
  }
}

/** A loop, not yet begun, for each partner that leaves things for us. */
function loopsOf({
  partners,
  credentials,
  log,
  hubUrl,
}: AdaptersOptions): (() => { stop(): Promise<void> })[] {
  if (hubUrl === undefined) return [];
  const { info = () => undefined, warn = () => undefined } = log;
  const told: CollectLog = { info: info.bind(log), warn: warn.bind(log) };
  const places = new Map(pickedUpPartners(partners).map((partner) => [partner.id, partner.pickup]));
  return createPickups(partners, credentials).map((pickup) => {
    const { client } = credentials(pickup.partner);
    const everyMs = places.get(pickup.partner)?.everyMs ?? 5_000;
    if (!client)
      throw new Error(
        `What ${pickup.partner} leaves cannot be handed in: put its clientId and clientSecret into credentials.json.`,
      );
    return () => collectLoop(pickup, httpDoor(hubUrl, client), { everyMs, log: told });
  });
}

/** Kind and place of an error without its text, which may quote a payload. */
function defectOf(work: Work, error: unknown): object {
  const { partner, deliveryId, attemptId } = work;
  const at = error instanceof Error ? /\n\s+at (.*)/.exec(error.stack ?? '')?.[1] : undefined;
  return { partner, deliveryId, attemptId, error: error instanceof Error ? error.name : typeof error, at };
}
