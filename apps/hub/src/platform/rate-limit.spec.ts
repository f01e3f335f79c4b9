import { describe, expect, it } from '@jest/globals';
import { RateLimit } from './rate-limit.js';

function setup() {
  const clock = { ms: 5_000 };
  const limit = new RateLimit({ perSecond: 50, burst: 200 }, () => clock.ms);
  const take = (partner: string, times: number) =>
    Array.from({ length: times }, () => limit.takeToken(partner)).filter((token) => token.ok).length;
  return { clock, limit, take };
}

describe('the rate limit', () => {
  it('lets a burst of 200 through and then says how long to wait', () => {
    const { limit, take } = setup();
    expect(take('salus', 300)).toBe(200);
    expect(limit.takeToken('salus')).toEqual({ ok: false, retryAfterMs: 20 });
  });

  it('lets through again once it has been waited as long as it said', () => {
    const { clock, limit, take } = setup();
    take('salus', 200);
    clock.ms += 19;
    expect(limit.takeToken('salus').ok).toBe(false);
    clock.ms += 1;
    expect(limit.takeToken('salus').ok).toBe(true);
  });

  it('lets 50 a second through for ever', () => {
    const { clock, take } = setup();
    take('salus', 200);
    let taken = 0;
    for (let second = 0; second < 60; second++) {
      clock.ms += 1_000;
      taken += take('salus', 100);
    }
    expect(taken).toBe(3_000);
  });

  it('never saves up more than one burst', () => {
    const { clock, take } = setup();
    clock.ms += 3_600_000;
    expect(take('salus', 1_000)).toBe(200);
  });

  it('counts every partner by itself', () => {
    const { take } = setup();
    take('salus', 500);
    expect(take('nkm', 10)).toBe(10);
  });
});
