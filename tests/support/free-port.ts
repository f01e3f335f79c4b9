/** Named by a variable, for plain JavaScript has no types to import. */
const script: string = '../../scripts/process.mjs';

/** A port of 127.0.0.1 that nobody listens on, to which a server can come back after it was down. */
export async function freePort(): Promise<number> {
  const { freePorts } = (await import(script)) as { freePorts(count: number): Promise<[number]> };
  const [port] = await freePorts(1);
  return port;
}
