import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Outcome, OutcomeCode } from '#contracts';
import { createBreaker, type Breaker } from './breaker.js';

const good: Outcome = { class: 'delivered', arrived: 'yes', code: 'acknowledged' };
const bad = (code: OutcomeCode): Outcome => ({ class: 'refused-transient', arrived: 'maybe', code });

let breaker: Breaker;
beforeEach(() => {
  breaker = createBreaker('salus', 2);
});
afterEach(() => breaker.close());

async function runs(outcome: Outcome, times: number): Promise<Outcome[]> {
  const all: Outcome[] = [];
  for (let n = 0; n < times; n += 1) all.push(await breaker.run(async () => outcome));
  return all;
}

describe('the local fuse', () => {
  it('gives the attempt its outcome, good or bad', async () => {
    expect(await runs(good, 1)).toEqual([good]);
    expect(await runs(bad('server-error'), 1)).toEqual([bad('server-error')]);
  });

  it.each<OutcomeCode>(['connection-refused', 'unavailable', 'server-error', 'timeout', 'reset'])(
    'opens after five times %s, and then sends nothing',
    async (code) => {
      await runs(bad(code), 5);
      let sent = false;
      const outcome = await breaker.run(async () => {
        sent = true;
        return good;
      });
      expect(outcome).toEqual({ class: 'refused-transient', arrived: 'no', code: 'breaker-open' });
      expect(sent).toBe(false);
    },
  );

  it.each<OutcomeCode>(['refused', 'unauthorised', 'rate-limited', 'no-evidence', 'redirected', 'unmapped'])(
    'stays closed over %s, which is about one message and not the endpoint',
    async (code) => {
      await runs(bad(code), 20);
      expect(await runs(good, 1)).toEqual([good]);
    },
  );

  it('stays closed over our own errors, and passes them on', async () => {
    for (let n = 0; n < 20; n += 1) {
      await expect(breaker.run(() => Promise.reject(new TypeError('ours')))).rejects.toThrow('ours');
    }
    expect(await runs(good, 1)).toEqual([good]);
  });

  it('is full when as many are under way as it holds', async () => {
    let finish: (outcome: Outcome) => void = () => undefined;
    const pending = new Promise<Outcome>((resolve) => (finish = resolve));
    const first = breaker.run(() => pending);
    const second = breaker.run(() => pending);
    expect(await runs(good, 1)).toMatchObject([{ arrived: 'no', code: 'breaker-full' }]);
    finish(good);
    expect(await Promise.all([first, second])).toEqual([good, good]);
    expect(await runs(good, 1)).toEqual([good]);
  });
});
