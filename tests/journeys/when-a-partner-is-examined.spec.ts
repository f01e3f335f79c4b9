import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadAlliance } from '#contracts';
import { hasFhirForm } from '#fhir';
import { conformance } from '../../apps/adapters/src/conformance/command.js';
import type { Report } from '../../apps/adapters/src/conformance/report.js';
import { createControl } from '../../apps/simulators/src/control.js';
import type { SimulatorName } from '../../apps/simulators/src/roster.js';
import { startHubUnderTest, type HubUnderTest } from '../support/hub-under-test.js';

/** Partners with an endpoint, and two of those without. */
const CARRIED = ['nkm', 'kooth', 'bfb-labs', 'salus', 'salus-kent', 'nelft', 'crisis', 'camhs'] as const;
const FETCHING = ['ylf', 'barratt', 'safeguarding', 'referrers'] as const;

describe('when a partner is examined', () => {
  let hub: HubUnderTest;
  let control: ReturnType<typeof createControl>;
  const folder = mkdtempSync(join(tmpdir(), 'conformance-'));

  beforeAll(async () => {
    hub = await startHubUnderTest({ wire: 'local', decideAfterMs: 10 });
    control = createControl(CARRIED.map((name) => hub.simulator(name))).listen(0, '127.0.0.1');
    await new Promise((resolve) => control.once('listening', resolve));
  }, 60_000);
  afterAll(async () => {
    control.closeAllConnections();
    await new Promise((resolve) => control.close(resolve));
    await hub.stop();
    rmSync(folder, { recursive: true });
  });

  async function examine(partner: SimulatorName): Promise<{ code: number; said: string; report: Report }> {
    let said = '';
    const say = (text: string): void => void (said += text);
    const { port } = control.address() as AddressInfo;
    const env = { HUB_URL: hub.url, HUB_DATA: hub.home, HUB_CONFIG: join(hub.home, 'config') };
    const code = await conformance([partner, '--report', folder, '--decide-within-ms', '1000'], {
      env: { ...env, SIM_PORT_CONTROL: String(port) },
      out: say,
      err: say,
    });
    return {
      code,
      said,
      report: JSON.parse(readFileSync(join(folder, `${partner}.json`), 'utf8')) as Report,
    };
  }

  const failed = ({ checks }: Report): string[] =>
    checks.filter(({ result }) => result === 'failed').map(({ id, observed }) => `${id}: ${observed}`);

  /** A partner that speaks FHIR reads a type that has no FHIR form yet: then the suite says so. */
  const lacksForms = (name: string): boolean => {
    const { channel, reads = [] } = loadAlliance().partners.find(({ id }) => id === name) ?? {};
    return ['fhir', 'mesh'].includes(channel ?? '') && !reads.every((type) => hasFhirForm(`mta.${type}`));
  };

  it.each(CARRIED)(
    '%s and the hub stand to each other as agreed',
    async (partner) => {
      const { code, said, report } = await examine(partner);
      const expected = lacksForms(partner) ? ['proof', 'safeguarding'] : [];
      expect(failed(report).map((line) => line.replace(/:.*/, ''))).toEqual(expected);
      expect(code).toBe(expected.length === 0 ? 0 : 1);
      const declared = loadAlliance().partners.find(({ id }) => id === partner)?.idempotent;
      expect(report.checks.find(({ id }) => id === 'duplicate')?.result).toBe(
        declared ? 'passed' : 'skipped',
      );
      expect(said).toContain('decides-once');
      expect(readFileSync(join(folder, `${partner}.html`), 'utf8')).toContain('<html lang="en-GB">');
    },
    60_000,
  );

  it.each(FETCHING)(
    '%s fetches for itself, so that only the hub is examined',
    async (partner) => {
      const { code, report } = await examine(partner);
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
