import { describe, expect, it } from '@jest/globals';
import type { Band, Fact, Outcome, Work } from '#contracts';
import { WireDown } from '#wire';
import { runAttempt, type Carrier } from './run-attempt.js';

const good: Outcome = { class: 'delivered', arrived: 'yes', code: 'acknowledged' };
const open: Outcome = { class: 'refused-transient', arrived: 'no', code: 'breaker-open' };

interface Setup {
  kind?: 'local' | 'kafka';
  dueInMs?: number;
  band?: Band;
  /** What the wire does with a `started`. */
  onStarted?: (work: Work) => Promise<void>;
  attempt?: (signal: AbortSignal) => Promise<Outcome>;
  fuseOpen?: boolean;
}

/** Runs one piece of work; gives back what happened, in order. */
async function happens(setup: Setup): Promise<{ log: string[]; facts: Fact[]; defects: unknown[] }> {
  const { kind = 'local', dueInMs = 60_000, band = 'normal', fuseOpen = false } = setup;
  const log: string[] = [];
  const facts: Fact[] = [];
  const defects: unknown[] = [];
  const notAfter = new Date(Date.now() + dueInMs).toISOString();
  const work = { deliveryId: 'd', attemptId: 'a', partner: 'salus', band, notAfter, timeoutMs: 50 } as Work;
  const carrier: Carrier = {
    wire: {
      kind,
      sendFacts: async (sent) => {
        if (sent[0]?.kind === 'started') await setup.onStarted?.(work);
        facts.push(...sent);
        log.push(...sent.map((fact) => fact.kind));
      },
    },
    adapter: {
      partner: 'salus',
      attempt: async (_work, signal) => {
        log.push('attempt');
        return setup.attempt ? setup.attempt(signal) : good;
      },
      close: async () => undefined,
    },
    breaker: { run: (attempt) => (fuseOpen ? Promise.resolve(open) : attempt()), close: () => undefined },
    onDefect: (_work, error) => defects.push(error),
  };
  await runAttempt(carrier, work);
  return { log, facts, defects };
}

describe('one attempt on the local wire', () => {
  it('tells the outcome', async () => {
    const { log, facts } = await happens({});
    expect(log).toEqual(['attempt', 'outcome']);
    expect(facts).toEqual([
      { kind: 'outcome', deliveryId: 'd', attemptId: 'a', partner: 'salus', outcome: good },
    ]);
  });

  it('hands back what is past its time, for silence would mean that it was started', async () => {
    expect((await happens({ dueInMs: -1 })).log).toEqual(['returned']);
  });
});

describe('one attempt over Kafka', () => {
  it('is started before the first byte leaves', async () => {
    expect((await happens({ kind: 'kafka' })).log).toEqual(['started', 'attempt', 'outcome']);
  });

  it('drops what is past its time without a word', async () => {
    expect((await happens({ kind: 'kafka', dueInMs: -1 })).log).toEqual([]);
  });

  it('is not made when the broker has not taken its start', async () => {
    const onStarted = (): Promise<void> => Promise.reject(new WireDown('down'));
    expect((await happens({ kind: 'kafka', onStarted })).log).toEqual(['returned']);
  });

  it('is not made when its time ran out while the broker took its start', async () => {
    const onStarted = async (work: Work): Promise<void> => {
      work.notAfter = new Date(0).toISOString();
    };
    const { log, facts } = await happens({ kind: 'kafka', onStarted });
    expect(log).toEqual(['started', 'outcome']);
    expect(facts[1]).toMatchObject({
      outcome: { class: 'refused-transient', arrived: 'no', code: 'expired' },
    });
  });
});

describe('whatever an adapter does', () => {
  it('is a defect when it throws, and the body may have left', async () => {
    const thrown = new TypeError('no such field');
    const { facts, defects } = await happens({ attempt: () => Promise.reject(thrown) });
    expect(facts).toMatchObject([{ outcome: { class: 'defect', arrived: 'maybe', code: 'adapter-error' } }]);
    expect(defects).toEqual([thrown]);
  });

  it('ends in its time', async () => {
    const attempt = (signal: AbortSignal): Promise<Outcome> =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve(good)));
    expect((await happens({ attempt })).log).toEqual(['attempt', 'outcome']);
  });
});

describe('the fuse', () => {
  it('holds ordinary work back', async () => {
    const { log, facts } = await happens({ fuseOpen: true });
    expect(log).toEqual(['outcome']);
    expect(facts).toMatchObject([{ outcome: open }]);
  });

  it('never holds urgent work back', async () => {
    expect((await happens({ fuseOpen: true, band: 'urgent' })).log).toEqual(['attempt', 'outcome']);
  });
});
