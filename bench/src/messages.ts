import { randomBytes } from 'node:crypto';
import { newCaseRef } from '../../apps/hub/src/cases/case-ref.js';

/** The cases that the load speaks of: so many that lanes seldom meet, as among children they seldom do. */
export const CASES = Array.from({ length: 10_000 }, () => newCaseRef(randomBytes));

/** The sender of all load: it has an inbox, and nothing of this load comes back to it. */
export const SENDER = 'ylf';

const filler = 'Would like to talk with somebody at school about friends and sleep. ';

function request(id: string, caseref: string, narrative: number): object {
  return {
    specversion: '1.0',
    id,
    source: `/partners/${SENDER}`,
    type: 'mta.intervention.requested.v1',
    caseref,
    sharingbasis: 'care-sharing-agreement',
    data: {
      to: 'mentoring-intensive',
      serviceCode: 'mentoring-intensive',
      urgency: 'routine',
      needSummary: filler.repeat(60).slice(0, Math.max(1, narrative)),
      goal: 'One thing outside a week.',
      priority: false,
      contactRoutes: [],
      communication: { preferredLanguage: 'en', interpreter: 'no', format: 'digital' },
      consent: { status: 'given' },
    },
  };
}

/** A source of messages of one size: unlike ids, and case after case in turn. Two partners receive each: Salus and the front door. */
export function requests(bytes: number): () => string {
  const spare = bytes - JSON.stringify(request('0'.repeat(20), CASES[0] ?? '', 1)).length + 1;
  const run = randomBytes(4).toString('hex');
  let n = 0;
  return () => {
    n += 1;
    return JSON.stringify(
      request(`${run}-${String(n).padStart(11, '0')}`, CASES[n % CASES.length] ?? '', spare),
    );
  };
}

/** A source of risk alerts, about nobody known: each opens a case, goes to the clinical lead and is urgent. */
export function riskAlerts(): () => string {
  const run = randomBytes(4).toString('hex');
  let n = 0;
  return () => {
    n += 1;
    return JSON.stringify({
      specversion: '1.0',
      id: `risk-${run}-${n}`,
      source: `/partners/${SENDER}`,
      type: 'mta.risk.alert.v1',
      sharingbasis: 'vital-interest',
      overridereason: 'Immediate danger to life.',
      data: {
        concern: 'Said that they have a plan for tonight.',
        observedAt: '2026-11-21T17:40:00Z',
        immediacy: 'now',
        about: { kind: 'unidentified' },
        callback: '01632 960101',
        telephoned: { done: 'yes' },
      },
    });
  };
}
