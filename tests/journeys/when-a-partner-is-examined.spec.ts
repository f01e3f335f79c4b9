import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadAlliance, loadContracts } from '#contracts';
import { conformance } from '../../apps/adapters/src/conformance/command.js';
import type { Report } from '../../apps/adapters/src/conformance/report.js';
import { createControl } from '../../apps/simulators/src/control.js';
import { isSimulated } from '../../apps/simulators/src/roster.js';
import { startHubUnderTest, type HubUnderTest } from '../support/hub-under-test.js';

/** Every partner that there is: a new one is examined without a line here. */
const { partners } = loadAlliance();
const contracts = loadContracts();
const CARRIED = partners.filter(({ channel }) => channel !== 'inbox').map(({ id }) => id);
const FETCHING = partners.filter(({ channel }) => channel === 'inbox').map(({ id }) => id);
/** Most of a suite is waiting, so that several are played at once. */
const AT_ONCE = 4;

interface Examined {
  code: number;
  said: string;
  report: Report;
}

describe('when a partner is examined', () => {
  let hub: HubUnderTest;
  let control: ReturnType<typeof createControl>;
  const folder = mkdtempSync(join(tmpdir(), 'conformance-'));
  const examined = new Map<string, Promise<Examined>>();

  beforeAll(async () => {
    hub = await startHubUnderTest({ wire: 'local', decideAfterMs: 10 });
    control = createControl(CARRIED.filter(isSimulated).map((name) => hub.simulator(name)));
    control.listen(0, '127.0.0.1');
    await new Promise((resolve) => control.once('listening', resolve));
    // Each begins when one of those before it ends, and its own test waits for it.
    const lanes = Array.from({ length: AT_ONCE }, () => Promise.resolve() as Promise<unknown>);
    [...CARRIED, ...FETCHING].forEach((partner, place) => {
      const one = (lanes[place % AT_ONCE] as Promise<unknown>).then(() => examine(partner));
      examined.set(partner, one);
      lanes[place % AT_ONCE] = one.catch(() => undefined);
    });
  }, 60_000);
  afterAll(async () => {
    await Promise.allSettled(examined.values());
    control.closeAllConnections();
    await new Promise((resolve) => control.close(resolve));
    await hub.stop();
    rmSync(folder, { recursive: true });
  });

  async function examine(partner: string): Promise<Examined> {
    let said = '';
    const say = (text: string): void => void (said += text);
    const { port } = control.address() as AddressInfo;
    const env = { HUB_URL: hub.url, HUB_DATA: hub.home, HUB_CONFIG: join(hub.home, 'config') };
    const code = await conformance([partner, '--report', folder, '--decide-within-ms', '1500'], {
      env: { ...env, SIM_PORT_CONTROL: String(port) },
      contracts: () => contracts,
      out: say,
      err: say,
    });
    const report = JSON.parse(readFileSync(join(folder, `${partner}.json`), 'utf8')) as Report;
    return { code, said, report };
  }

  const failed = ({ checks }: Report): string[] =>
    checks.filter(({ result }) => result === 'failed').map(({ id, observed }) => `${id}: ${observed}`);
  const resultOf = ({ checks }: Report, id: string): string | undefined =>
    checks.find((check) => check.id === id)?.result;

  it.each(CARRIED)(
    '%s and the hub stand to each other as agreed',
    async (id) => {
      const { code, said, report } = (await examined.get(id)) as Examined;
      expect(failed(report)).toEqual([]);
      expect(code).toBe(0);
      const { idempotent, channel } = partners.find((one) => one.id === id) ?? {};
      // Who knows a repeat has shown it; a name of its own makes a file that comes again the same file.
      expect(resultOf(report, 'duplicate')).toBe(idempotent || channel === 'sftp' ? 'passed' : 'skipped');
      expect(said).toContain('decides-once');
      expect(readFileSync(join(folder, `${id}.html`), 'utf8')).toContain('<html lang="en-GB">');
    },
    60_000,
  );

  it('sees the decision that a partner sends to a copy of the suite’s', async () => {
    const { report } = (await examined.get('salus')) as Examined;
    expect(report.checks.find(({ id }) => id === 'decides-once')).toMatchObject({ observed: 'It sent 1.' });
  }, 60_000);

  it.each(FETCHING)(
    '%s fetches for itself, so that only the hub is examined',
    async (id) => {
      const { code, report } = (await examined.get(id)) as Examined;
      expect(failed(report)).toEqual([]);
      expect(code).toBe(0);
      const sides = report.checks.filter(({ result }) => result === 'passed').map(({ side }) => side);
      expect(new Set(sides)).toEqual(new Set(['hub']));
    },
    60_000,
  );

  it('leaves nothing but test messages, which reach nobody and make nobody work', async () => {
    const { rows } = await hub.db.query(
      `select count(*) filter (where not test) as earnest, count(*) filter (where test) as test from message`,
    );
    expect(rows[0]).toMatchObject({ earnest: '0' });
    expect(Number((rows[0] as { test: string }).test)).toBeGreaterThan(0);
  });
});
