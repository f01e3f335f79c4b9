import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  projectRoot,
  type Contract,
  type Contracts,
  type Envelope,
  type MinimisedMessage,
  type Partner,
  type Work,
} from '#contracts';

/** A message of the contract's own valid examples. */
export interface Example {
  contract: Contract;
  message: Envelope<Record<string, unknown>>;
}

/** The valid examples of every type named in `list` (`step-up.requested.v1`), grouped by type, in the list's order. */
export function examplesOf(contracts: Contracts, list: readonly string[]): Example[][] {
  return list.flatMap((name) => {
    const contract = contracts.get(`mta.${name}`);
    if (!contract) return [];
    const examples = readExamples(contract).map((message) => ({ contract, message }));
    return examples.length > 0 ? [examples] : [];
  });
}

function readExamples({ type, major }: Contract): Envelope<Record<string, unknown>>[] {
  const folder = join(projectRoot(), 'schemas', type, `v${major}.examples`, 'valid');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .toSorted()
    .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Envelope<Record<string, unknown>>);
}

/** Members of a copy that differ from the example's. */
export type Deviation = Partial<Omit<MinimisedMessage, 'data'>> & { data?: Record<string, unknown> };

/** A case of nobody's, in the form of a reference. */
export const aCaseRef = (): string => {
  const four = (): string => randomBytes(2).toString('hex').toUpperCase();
  return `MTA-${four()}-${four()}-0`;
};

/** One attempt at a copy of the example, as the hub would hand it to the adapter: a test message of no case that is. */
export function workOf(partner: Partner, { contract, message }: Example, deviation: Deviation = {}): Work {
  const { partnercaseref: _, caseref, ...attributes } = message;
  // Only the hub's minimise makes such a copy of a person's message; this one is made up, and is of nobody.
  const copy = {
    ...attributes,
    id: randomUUID(),
    time: new Date().toISOString(),
    ...(caseref !== undefined && { caseref: aCaseRef() }),
    ...(message.causationid !== undefined && { causationid: randomUUID() }),
    testflag: true,
    deliveryid: randomUUID(),
    caseseq: 1,
    ...deviation,
  } as unknown as MinimisedMessage;
  return {
    deliveryId: copy.deliveryid,
    messageId: copy.id,
    partner: partner.id,
    band: contract.band,
    attemptId: randomUUID(),
    attempt: 1,
    notAfter: new Date(Date.now() + 60_000).toISOString(),
    timeoutMs: partner.timeoutMs,
    message: copy,
  };
}
