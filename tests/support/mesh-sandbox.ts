import type { MeshAccess } from '#channels/mesh.js';

/** The mailboxes, password and key of every exchange that tests start: those that the sandbox comes with. */
export const MESH = {
  ours: 'X26ABC1',
  theirs: 'X26ABC2',
  stranger: 'X26ABC3',
  password: 'password',
  sharedKey: 'TestKey',
};

/** How one of those mailboxes is opened. */
export const accessTo = (url: string, mailbox: string, more: Partial<MeshAccess> = {}): MeshAccess => ({
  url,
  mailbox,
  password: MESH.password,
  sharedKey: MESH.sharedKey,
  ...more,
});

/** Named by a variable, for plain JavaScript has no types to import. */
const script: string = '../../scripts/mesh-sandbox.mjs';

/**
 * NHS England's own sandbox of MESH. Where it cannot be had it prints why and answers nothing, so that the suite can skip
 * itself; with `REQUIRE_MESH=1` it throws instead.
 */
export async function meshSandboxForTests(): Promise<
  { start(): Promise<{ url: string; stop(): Promise<void> }> } | undefined
> {
  const { startMeshSandbox, whyNoMeshSandbox } = (await import(script)) as {
    startMeshSandbox(sharedKey: string): Promise<{ url: string; stop(): Promise<void> }>;
    whyNoMeshSandbox(): Promise<string | undefined>;
  };
  const why = await whyNoMeshSandbox();
  if (!why) return { start: () => startMeshSandbox(MESH.sharedKey) };
  const word = `MESH SANDBOX TESTS SKIPPED: ${why}.`;
  if (process.env.REQUIRE_MESH === '1') throw new Error(word);
  process.stderr.write(`${word}\n`);
  return undefined;
}
