import type { Contracts, Partner } from '#contracts';
import { found, skipped, type Check } from './check.js';
import { examplesOf } from './copies.js';
import { ENDPOINT_CHECKS, type EndpointBench } from './endpoint-checks.js';
import type { HubAsPartner } from './hub-as-partner.js';
import { HUB_CHECKS } from './hub-checks.js';
import { SUITE, type Line, type Report } from './report.js';

export interface ConformanceOptions {
  partner: Partner;
  contracts: Contracts;
  /** The partner's side: its real adapter, one with credentials that are not ours, and what can be seen of its side. */
  endpoint?: Pick<EndpointBench, 'adapter' | 'stranger' | 'evidence' | 'acknowledgements'>;
  /** The hub's side, as this partner. */
  hub?: HubAsPartner;
  against: Report['against'];
  decideWithinMs: number;
  /** Told of each check as it ends. */
  progress?: (line: Line) => void;
}

/** Plays the whole suite, one check after another, and tells how each ended. Never throws for what a partner does. */
export async function runConformance(options: ConformanceOptions): Promise<Report> {
  const { partner, contracts, endpoint, hub, decideWithinMs, progress } = options;
  const checks: Line[] = [];
  const play = async <On>(
    side: Line['side'],
    suite: readonly Check<On>[],
    on: On | undefined,
  ): Promise<void> => {
    for (const check of suite) {
      const { id, title, expected } = check;
      const line = {
        id,
        title,
        side,
        expected,
        ...(on ? await found(check, on) : skipped(whyNot(side, partner))),
      };
      checks.push(line);
      progress?.(line);
    }
  };
  const reads = examplesOf(contracts, partner.reads);
  await play('endpoint', ENDPOINT_CHECKS, endpoint && { partner, ...endpoint, reads, hub, decideWithinMs });
  const sends = examplesOf(contracts, partner.sends);
  await play('hub', HUB_CHECKS, hub && { partner, contracts, hub, sends });
  return {
    suite: SUITE,
    partner: partner.id,
    name: partner.name,
    channel: partner.channel,
    when: new Date().toISOString(),
    against: options.against,
    passed: checks.every(({ result }) => result !== 'failed'),
    checks,
  };
}

const whyNot = (side: Line['side'], { channel }: Partner): string =>
  side === 'endpoint' && channel === 'inbox'
    ? 'It has no endpoint: it fetches from the hub’s inbox.'
    : `This run left the ${side} out.`;
