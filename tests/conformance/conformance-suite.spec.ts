import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { loadContracts, type Partner } from '#contracts';
import { acknowledgementsOf } from '../../apps/adapters/src/acknowledgements.js';
import { createAdapters } from '../../apps/adapters/src/adapters.js';
import { collectLoop } from '../../apps/adapters/src/collect-loop.js';
import { evidenceAt } from '../../apps/adapters/src/conformance/evidence.js';
import { hubAsPartner } from '../../apps/adapters/src/conformance/hub-as-partner.js';
import type { Line, Report } from '../../apps/adapters/src/conformance/report.js';
import { runConformance } from '../../apps/adapters/src/conformance/run-conformance.js';
import type { PartnerCredentials } from '../../apps/adapters/src/credentials.js';
import { httpDoor } from '../../apps/adapters/src/http-door.js';
import { createPickups } from '../../apps/adapters/src/pickups.js';
import { newHostKey } from '../../apps/hub/src/platform/auth/demo-host-key.js';
import { createControl } from '../../apps/simulators/src/control.js';
import type { Knobs } from '../../apps/simulators/src/knobs.js';
import type { SimulatorName } from '../../apps/simulators/src/roster.js';
import { startSimulator, type Simulator } from '../../apps/simulators/src/simulator.js';
import { startFakeHub, type FakeHub } from '../support/fake-hub.js';
import type { AddressInfo } from 'node:net';

// Silence is waited for; a busy machine takes its time over the rest.
jest.setTimeout(30_000);

const SECRET = `whsec_${Buffer.from('a secret for the conformance suite').toString('base64')}`;
const CLIENT = { clientId: 'me', clientSecret: 'a secret' };
const contracts = loadContracts();

const FILES = { user: 'hub', password: 'of the files', ...newHostKey() };
const MAILBOX = { mailbox: 'HUB', peerMailbox: 'CAMHS01', password: 'of both', sharedKey: 'a shared key' };

const OURS: PartnerCredentials = {
  webhookSecrets: [SECRET],
  apiKey: 'a-key',
  sftp: { user: FILES.user, password: FILES.password, hostKeys: [FILES.hostKey] },
  mesh: { ...MAILBOX, peer: MAILBOX.peerMailbox },
};
const STRANGERS: PartnerCredentials = {
  ...OURS,
  webhookSecrets: [`whsec_${Buffer.from('what a stranger made up').toString('base64')}`],
  apiKey: 'another',
};

let hub: FakeHub;
let closers: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  hub = await startFakeHub();
  closers = [() => hub.close()];
});
afterEach(async () => {
  for (const close of closers.reverse()) await close();
});

/**
 * The suite's endpoint side against a simulator that behaves as its knobs say.
 * @param hubFetches a hub runs that takes away what the partner leaves for it
 */
async function examine(
  name: SimulatorName,
  channel: Partner['channel'],
  knobs: Partial<Knobs>,
  deviation: Partial<Partner> = {},
  { hubFetches = false }: { hubFetches?: boolean } = {},
): Promise<Report> {
  const credentials = { ...CLIENT, webhookSecret: SECRET, apiKey: 'a-key', sftp: FILES, mesh: MAILBOX };
  const simulator = await startSimulator(name, { hubUrl: hub.url, credentials, knobs });
  closers.push(() => simulator.close());
  const partner = { ...partnerAt(name, channel, simulator.url), ...deviation };
  const [adapter] = createAdapters([partner], () => OURS);
  const [stranger] = createAdapters([partner], () => STRANGERS);
  if (!adapter || !stranger) throw new Error(`${name} has no adapter.`);
  closers.push(
    () => adapter.close(),
    () => stranger.close(),
  );
  const fetches = channel === 'sftp' || channel === 'mesh';
  const acknowledgements = acknowledgementsOf(partner, OURS, hubFetches);
  closers.push(async () => acknowledgements?.close());
  if (hubFetches) fetchFrom(partner);
  return runConformance({
    partner,
    contracts,
    endpoint: {
      adapter,
      stranger,
      acknowledgements,
      evidence: evidenceAt(await listOf(simulator), fetches ? 500 : 100),
    },
    hub: hubAsPartner(hub.url, name, CLIENT),
    against: 'simulator',
    decideWithinMs: hubFetches ? 1_500 : 300,
  });
}

/** Brings what the partner leaves to the hub, as the adapters of a hub that runs do. */
function fetchFrom(partner: Partner): void {
  const [pickup] = createPickups([partner], () => OURS);
  if (!pickup) throw new Error(`${partner.id} leaves nothing.`);
  const log = { info: () => undefined, warn: () => undefined };
  const loop = collectLoop(pickup, httpDoor(hub.url, CLIENT), { everyMs: 20, log });
  closers.push(() => loop.stop());
}

/** Where the simulator shows what it has received. */
async function listOf(simulator: Simulator): Promise<string> {
  const control = createControl([simulator]).listen(0, '127.0.0.1');
  await new Promise((resolve) => control.once('listening', resolve));
  closers.push(() => {
    control.closeAllConnections();
    return new Promise((resolve) => control.close(resolve));
  });
  return `http://127.0.0.1:${(control.address() as AddressInfo).port}/${simulator.name}/received`;
}

const partnerAt = (id: string, channel: Partner['channel'], url: string): Partner => ({
  id,
  name: id,
  channel,
  url,
  ...((channel === 'sftp' || channel === 'mesh') && {
    pickup: { kind: channel, url: url.replace(/\/drop$/, '/outgoing'), everyMs: 20 },
  }),
  idempotent: true,
  test: false,
  window: 8,
  urgentWindow: 2,
  timeoutMs: 10_000,
  ackWithin: 'P1D',
  owner: 'front-door',
  sends: [],
  reads: [
    // Its answer is the one that CHUMS gives; to the others the specialists do.
    ...(channel === 'sftp' ? ['intervention.requested.v1'] : []),
    'step-up.requested.v1',
    'step.decision.v1',
    'risk.alert.v1',
    'hub.receipt.v1',
  ],
});

const failedOf = ({ checks }: Report): string[] =>
  checks.filter(({ side, result }) => side === 'endpoint' && result === 'failed').map(({ id }) => id);

/** A fault of a partner, and the one check that must find it. */
const FAULTS: [fault: string, knobs: Partial<Knobs>, check: string][] = [
  ['answers with a page', { htmlAnswer: true }, 'proof'],
  ['echoes another id', { wrongAnswer: true }, 'proof'],
  ['breaks the connection instead of answering', { dropAnswerAfterProcessing: true }, 'proof'],
  ['calls the first copy a duplicate', { duplicateAnswer: true }, 'proof'],
  ['says that it has what it has not', { answersBeforeTaking: true }, 'taken'],
  ['forgets what it had', { acceptsDuplicates: true }, 'duplicate'],
  ['swallows what it cannot use', { takesBad: true }, 'bad'],
  ['takes any version', { takesAnyVersion: true }, 'wrong-version'],
  ['refuses what comes late', { refusesLate: true }, 'late'],
  ['refuses what comes out of order', { refusesOutOfOrder: true }, 'out-of-order'],
  ['refuses an incomplete safety message', { refusesIncompleteSafety: true }, 'safeguarding'],
  ['takes copies from a stranger', { takesAnybody: true }, 'credentials'],
  ['decides twice', { decidesTwice: true }, 'decides-once'],
];

describe.each([
  ['nkm', 'webhook'],
  ['kooth', 'webhook'],
  ['salus', 'http'],
  ['bfb-labs', 'http'],
  ['salus-kent', 'http'],
  ['nelft', 'fhir'],
  ['crisis', 'fhir'],
  ['chums', 'sftp'],
  ['camhs', 'mesh'],
] as const)('the suite against %s', (name, channel) => {
  it('finds nothing wrong with a good partner', async () => {
    const report = await examine(name, channel, {}, { idempotent: !['fhir', 'mesh'].includes(channel) });
    expect(failedOf(report)).toEqual([]);
    expect(report.checks.filter(({ result }) => result === 'passed').length).toBeGreaterThanOrEqual(9);
  });
});

it.each(FAULTS)('finds that a partner %s, by one check and no other', async (_fault, knobs, check) => {
  expect(failedOf(await examine('salus', 'http', knobs))).toEqual([check]);
});

it.each<[fault: string, knobs: Partial<Knobs>, check: string]>([
  ['leaves a receipt for another delivery', { wrongAnswer: true }, 'proof'],
  ['leaves no receipt', { dropAnswerAfterProcessing: true }, 'proof'],
  ['leaves a receipt for what it has not', { answersBeforeTaking: true }, 'taken'],
  ['forgets what it had', { acceptsDuplicates: true }, 'duplicate'],
  ['leaves a receipt for what it cannot use', { takesBad: true }, 'bad'],
  ['leaves a receipt for any version', { takesAnyVersion: true }, 'wrong-version'],
  ['leaves none for what comes late', { refusesLate: true }, 'late'],
  ['leaves none for what comes out of order', { refusesOutOfOrder: true }, 'out-of-order'],
  ['leaves none for an incomplete safety message', { refusesIncompleteSafety: true }, 'safeguarding'],
])('finds that a partner with a drop folder %s, by one check and no other', async (_fault, knobs, check) => {
  expect(failedOf(await examine('chums', 'sftp', knobs))).toEqual([check]);
});

it.each<[fault: string, knobs: Partial<Knobs>, check: string]>([
  ['answers for another delivery', { wrongAnswer: true }, 'proof'],
  ['never answers', { dropAnswerAfterProcessing: true }, 'proof'],
  ['answers with a page', { htmlAnswer: true }, 'proof'],
  ['says that it has what it has not', { answersBeforeTaking: true }, 'taken'],
  ['says that it has what it cannot use', { takesBad: true }, 'bad'],
  ['refuses what comes late', { refusesLate: true }, 'late'],
  ['refuses what comes out of order', { refusesOutOfOrder: true }, 'out-of-order'],
  ['refuses an incomplete safety message', { refusesIncompleteSafety: true }, 'safeguarding'],
])('finds that a partner with a mailbox %s, by one check and no other', async (_fault, knobs, check) => {
  expect(failedOf(await examine('camhs', 'mesh', knobs, { idempotent: false }))).toEqual([check]);
});

it.each([
  ['chums', 'sftp'],
  ['camhs', 'mesh'],
] as const)('finds that %s decides twice, by what the hub fetches (%s)', async (name, channel) => {
  const deviation = { idempotent: channel === 'sftp' };
  const report = await examine(name, channel, { decidesTwice: true }, deviation, { hubFetches: true });
  expect(failedOf(report)).toEqual(['decides-once']);
});

it('says that it cannot see the answers of a mailbox that the hub empties', async () => {
  const knobs = { wrongAnswer: true };
  const isUnseen = ({ result, observed }: Line): boolean =>
    result === 'skipped' && observed.includes('--side endpoint');
  const { checks } = await examine('camhs', 'mesh', knobs, { idempotent: false }, { hubFetches: true });
  expect(checks.filter(isUnseen).map(({ id }) => id)).toEqual([
    'proof',
    'bad',
    'wrong-version',
    'late',
    'out-of-order',
    'safeguarding',
  ]);
});

it('asks nobody to know a repeat who is not declared to', async () => {
  const { checks } = await examine('salus', 'http', { acceptsDuplicates: true }, { idempotent: false });
  expect(checks.find(({ id }) => id === 'duplicate')).toMatchObject({
    result: 'skipped',
    observed: expect.stringContaining('processed 3 times'),
  });
});

it('finds that a partner takes its time, by one check and no other', async () => {
  expect(failedOf(await examine('salus', 'http', { slowMs: 260 }, { timeoutMs: 500 }))).toEqual(['in-time']);
});
