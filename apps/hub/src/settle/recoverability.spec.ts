import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  BANDS,
  DELIVERY_STATES,
  ENDED_STATES,
  OUTCOME_CLASSES,
  OUTCOME_CODES,
  RESTS_GATE,
  loadAlliance,
  type Arrived,
  type Band,
  type DeliveryState,
  type OutcomeClass,
  type OutcomeCode,
} from '#contracts';
import { judgeLease, recover, settleLate, type Action, type RecoverInput } from './recoverability.js';

const HOUR = 3_600_000;
const { policy } = loadAlliance(undefined, {});
const ARRIVED: Arrived[] = ['no', 'maybe', 'yes'];

/** A first attempt at an ordinary delivery to a partner that is not idempotent: refused for now, nothing sent. */
function anAttempt(
  deviation: Partial<RecoverInput> & { is?: Partial<RecoverInput['outcome']> } = {},
): RecoverInput {
  const { is, ...rest } = deviation;
  return {
    outcome: { class: 'refused-transient', arrived: 'no', code: 'rate-limited', ...is },
    idempotent: false,
    band: 'normal',
    attempt: 1,
    headMs: 0,
    ageMs: 0,
    told: 0,
    possibleRepeat: false,
    rests: 0,
    policy,
    random: 0.5,
    ...rest,
  };
}

/** An action in one word, as the table below has it. */
function inAWord(action: Action): string {
  switch (action.do) {
    case 'retry':
      return [
        'retry',
        action.possibleRepeat && 'repeat',
        action.tell && `tell ${action.tell}`,
        action.alert && 'alert',
      ]
        .filter(Boolean)
        .join(', ');
    case 'park':
      return ['park', action.code, action.tell && `tell ${action.tell}`, action.alert && 'alert']
        .filter(Boolean)
        .join(', ');
    case 'close-gate':
      return [
        'close gate',
        action.requeue ? 'keep' : `park ${action.parkCode}`,
        action.possibleRepeat && 'repeat',
      ]
        .filter(Boolean)
        .join(', ');
    default:
      return action.do;
  }
}

const UNCERTAIN = 'park, uncertain/maybe-arrived';
const REPEAT = 'retry, repeat, tell possible-repeat';
/** class/arrived → what follows for an idempotent partner, for another, and for urgent work to either. */
const RULE: Record<`${OutcomeClass}/${Arrived}`, [idempotent: string, other: string, urgent: string]> = {
  'delivered/yes': ['acknowledge', 'acknowledge', 'acknowledge'],
  'delivered/maybe': ['retry', UNCERTAIN, REPEAT],
  'delivered/no': ['retry', UNCERTAIN, REPEAT],
  'handed-over/yes': ['hand-over', 'hand-over', 'hand-over'],
  'handed-over/no': ['hand-over', 'hand-over', 'hand-over'],
  'handed-over/maybe': ['retry', UNCERTAIN, REPEAT],
  'refused-transient/no': ['retry', 'retry', 'retry'],
  'refused-transient/maybe': ['retry', UNCERTAIN, REPEAT],
  'refused-transient/yes': ['retry', UNCERTAIN, REPEAT],
  'refused-permanent/no': [
    'park, partner-refused/refused',
    'park, partner-refused/refused',
    'park, partner-refused/refused, tell refused',
  ],
  'refused-permanent/maybe': ['retry', UNCERTAIN, REPEAT],
  'refused-permanent/yes': ['retry', UNCERTAIN, REPEAT],
  'refused-auth/no': ['close gate, keep', 'close gate, keep', 'close gate, keep'],
  'refused-auth/maybe': [
    'close gate, keep',
    'close gate, park uncertain/maybe-arrived',
    'close gate, keep, repeat',
  ],
  'refused-auth/yes': [
    'close gate, keep',
    'close gate, park uncertain/maybe-arrived',
    'close gate, keep, repeat',
  ],
  'defect/no': [
    'park, defect/unexpected, alert',
    'park, defect/unexpected, alert',
    'retry, tell defect, alert',
  ],
  'defect/maybe': ['park, defect/unexpected, alert', `${UNCERTAIN}, alert`, `${REPEAT}, alert`],
  'defect/yes': ['park, defect/unexpected, alert', `${UNCERTAIN}, alert`, `${REPEAT}, alert`],
};

describe('the rule over its whole product', () => {
  const rows = OUTCOME_CLASSES.flatMap((kind) =>
    ARRIVED.flatMap((arrived) =>
      BANDS.flatMap((band) => [true, false].map((idempotent) => ({ kind, arrived, band, idempotent }))),
    ),
  );
  it.each(rows)(
    '$kind, arrived $arrived, $band, idempotent $idempotent',
    ({ kind, arrived, band, idempotent }) => {
      const [known, other, urgent] = RULE[`${kind}/${arrived}`];
      const action = recover(anAttempt({ is: { class: kind, arrived }, band, idempotent }));
      expect(inAWord(action)).toBe(band === 'urgent' ? urgent : idempotent ? known : other);
    },
  );

  it('takes a class that nobody knows for a defect, never for success', () => {
    const action = recover(anAttempt({ is: { class: 'delighted' as OutcomeClass, arrived: 'no' } }));
    expect(inAWord(action)).toBe(`${UNCERTAIN}, alert`);
  });
});

describe('giving up', () => {
  it.each<[Band, number, string]>([
    ['normal', 24 * HOUR - 1, 'retry'],
    ['normal', 24 * HOUR, 'park, partner-unavailable/given-up'],
    ['bulk', 24 * HOUR, 'retry'],
    ['bulk', 72 * HOUR, 'park, partner-unavailable/given-up'],
    ['urgent', 1000 * HOUR, 'retry'],
  ])('%s after %d ms at the head of its lane: %s', (band, headMs, expected) => {
    expect(inAWord(recover(anAttempt({ band, headMs, told: 3 })))).toBe(expected);
  });

  it('counts only the time at the head with an open gate, so that an outage makes no dead letters', () => {
    const action = recover(anAttempt({ headMs: 0, ageMs: 1000 * HOUR, is: { code: 'connection-refused' } }));
    expect(inAWord(action)).toBe('retry');
  });

  it('gives an idempotent partner up too, when only doubt comes back', () => {
    const action = recover(
      anAttempt({ idempotent: true, headMs: 24 * HOUR, is: { arrived: 'maybe', code: 'timeout' } }),
    );
    expect(inAWord(action)).toBe('park, partner-unavailable/given-up');
  });
});

describe('urgent work', () => {
  const late = (ageMs: number, told: number): string =>
    inAWord(recover(anAttempt({ band: 'urgent', ageMs, told, is: { code: 'connection-refused' } })));

  it('has a person told at 5, 15 and 30 minutes, once each', () => {
    const MINUTE = 60_000;
    expect(late(5 * MINUTE - 1, 0)).toBe('retry');
    expect(late(5 * MINUTE, 0)).toBe('retry, tell late');
    expect(late(5 * MINUTE, 1)).toBe('retry');
    expect(late(15 * MINUTE, 1)).toBe('retry, tell late');
    expect(late(30 * MINUTE, 2)).toBe('retry, tell late');
    expect(late(300 * MINUTE, 3)).toBe('retry');
  });

  it('has a person told of a possible repeat once, and then by the clock', () => {
    const doubt = { band: 'urgent', is: { arrived: 'maybe', code: 'timeout' } } as const;
    expect(inAWord(recover(anAttempt({ ...doubt, possibleRepeat: true })))).toBe('retry, repeat');
    expect(inAWord(recover(anAttempt({ ...doubt, possibleRepeat: true, ageMs: HOUR })))).toBe(
      'retry, repeat, tell late',
    );
  });

  it('is always tried again within 30 seconds, whatever keeps it from arriving', () => {
    fc.assert(
      fc.property(anyInput(), (input) => {
        const action = recover({ ...input, band: 'urgent' });
        if (action.do === 'retry') expect(action.dueInMs).toBeLessThanOrEqual(30_000);
        else expect(['acknowledge', 'hand-over', 'park', 'close-gate']).toContain(action.do);
        if (action.do === 'park')
          expect(action).toEqual({ do: 'park', code: 'partner-refused/refused', tell: 'refused' });
      }),
    );
  });
});

describe('the pause before the next attempt', () => {
  const due = (deviation: Parameters<typeof anAttempt>[0]): number => {
    const action = recover(anAttempt(deviation));
    return action.do === 'retry' ? action.dueInMs : NaN;
  };

  it('is full jitter that doubles up to the cap', () => {
    const almost = 1 - Number.EPSILON;
    expect(due({ attempt: 1, random: 0 })).toBe(0);
    expect(due({ attempt: 1, random: almost })).toBe(1_999);
    expect(due({ attempt: 4, random: almost })).toBe(15_999);
    expect(due({ attempt: 60, random: almost })).toBe(15 * 60_000 - 1);
    expect(due({ attempt: 60, random: almost, band: 'urgent' })).toBe(14_999);
  });

  it('is never shorter than the partner asked for, up to an hour, for urgent 30 seconds', () => {
    expect(due({ is: { retryAfterMs: 120_000 } })).toBe(120_000);
    expect(due({ is: { retryAfterMs: 9 * HOUR } })).toBe(HOUR);
    expect(due({ is: { retryAfterMs: 9 * HOUR }, band: 'urgent' })).toBe(30_000);
  });

  it.each<[OutcomeCode, boolean]>([
    ['connection-refused', true],
    ['breaker-open', true],
    ['unavailable', true],
    ['breaker-full', false],
    ['expired', false],
  ])('costs no attempt after %s', (code, rests) => {
    const action = recover(anAttempt({ is: { code } }));
    expect(action).toMatchObject({ do: 'retry', costsAttempt: false });
    expect('rest' in action).toBe(rests);
  });

  it('costs an attempt where the partner was reached', () => {
    expect(recover(anAttempt())).toMatchObject({ do: 'retry', costsAttempt: true });
  });

  it('lets the gate decide when ordinary work goes on, and urgent work keep its own pace', () => {
    const refused = { is: { code: 'connection-refused' }, rests: 3, random: 0.5 } as const;
    expect(recover(anAttempt(refused))).toEqual({
      do: 'retry',
      dueInMs: 0,
      costsAttempt: false,
      rest: { forMs: 12_000 },
    });
    expect(due({ ...refused, band: 'urgent' })).toBe(4_000);
  });

  it('rests the gate as long as the partner asks, up to an hour', () => {
    const action = recover(anAttempt({ is: { code: 'unavailable', retryAfterMs: 600_000 } }));
    expect(action).toMatchObject({ rest: { forMs: 600_000 } });
  });
});

describe('a lease that is judged', () => {
  const lease = (started: boolean, deviation: Parameters<typeof anAttempt>[0] = {}): string => {
    const { outcome: _, ...input } = anAttempt(deviation);
    return inAWord(judgeLease({ ...input, started }));
  };

  it('goes back at no cost when the attempt never started', () => {
    const { outcome: _, ...input } = anAttempt({ headMs: 99 * HOUR });
    expect(judgeLease({ ...input, started: false })).toEqual({
      do: 'retry',
      dueInMs: 0,
      costsAttempt: false,
    });
  });

  it('is uncertain when it started and nothing came back', () => {
    expect(lease(true)).toBe('park, uncertain/lease-lost');
    expect(lease(true, { idempotent: true })).toBe('retry');
    expect(lease(true, { band: 'urgent' })).toBe(REPEAT);
  });
});

describe('a late outcome', () => {
  const states = Object.keys(DELIVERY_STATES) as DeliveryState[];
  const proof = { class: 'delivered', arrived: 'yes', code: 'acknowledged' } as const;

  it('settles a delivery that is uncertain, waiting or parked', () => {
    for (const state of ['parked', 'ready', 'claimed', 'blocked', 'handed-over'] as const)
      expect(settleLate(state, proof)).toEqual({ do: 'acknowledge' });
  });

  it('takes nothing back', () => {
    for (const state of ENDED_STATES) expect(settleLate(state, proof)).toEqual({ do: 'nothing' });
    fc.assert(
      fc.property(fc.constantFrom(...states), anyInput(), (state, { outcome }) => {
        fc.pre(outcome.class !== 'delivered' || outcome.arrived !== 'yes');
        expect(settleLate(state, outcome)).toEqual({ do: 'nothing' });
      }),
    );
  });
});

describe('what must hold for everything', () => {
  it('never takes what is not proven for success, and never sends twice to who cannot tell', () => {
    fc.assert(
      fc.property(anyInput(), (input) => {
        const action = recover(input);
        const { outcome, idempotent, band } = input;
        if (action.do === 'acknowledge')
          expect(outcome).toMatchObject({ class: 'delivered', arrived: 'yes' });
        if (outcome.arrived === 'maybe' && !idempotent && band !== 'urgent')
          expect(['park', 'close-gate']).toContain(action.do);
        if (action.do === 'retry' && outcome.arrived !== 'no' && !idempotent) {
          expect(band).toBe('urgent');
          expect(action.possibleRepeat).toBe(true);
        }
      }),
    );
  });

  it('rests a gate for no reason but those listed, and always for at least half a step', () => {
    fc.assert(
      fc.property(anyInput(), (input) => {
        const action = recover(input);
        if (action.do !== 'retry') return;
        expect(action.rest !== undefined).toBe(RESTS_GATE.includes(input.outcome.code));
        if (action.rest) expect(action.rest.forMs).toBeGreaterThanOrEqual(policy.gate.baseMs / 2);
      }),
    );
  });
});

function anyInput(): fc.Arbitrary<RecoverInput> {
  return fc.record({
    outcome: fc.record({
      class: fc.constantFrom(...OUTCOME_CLASSES),
      arrived: fc.constantFrom(...ARRIVED),
      code: fc.constantFrom(...(Object.keys(OUTCOME_CODES) as OutcomeCode[])),
      retryAfterMs: fc.option(fc.nat(100 * HOUR), { nil: undefined }),
    }),
    idempotent: fc.boolean(),
    band: fc.constantFrom(...BANDS),
    attempt: fc.integer({ min: 1, max: 1000 }),
    headMs: fc.nat(200 * HOUR),
    ageMs: fc.nat(200 * HOUR),
    told: fc.nat(3),
    possibleRepeat: fc.boolean(),
    rests: fc.nat(1000),
    policy: fc.constant(policy),
    random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  });
}
