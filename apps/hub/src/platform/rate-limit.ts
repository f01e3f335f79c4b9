export type Token = { ok: true } | { ok: false; retryAfterMs: number };

/**
 * A token bucket per partner, in this process's memory: `perSecond` messages a second, `burst` at once. The bucket is
 * kept as one number, the moment at which it would be full again. Safety types never ask (R8).
 */
export class RateLimit {
  private readonly fullAt = new Map<string, number>();

  constructor(
    private readonly rate: { perSecond: number; burst: number },
    /** Milliseconds that never run backwards. */
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Takes one token, or says how many milliseconds there will be none. */
  takeToken(partner: string): Token {
    const perToken = 1000 / this.rate.perSecond;
    const now = this.now();
    const fullAt = Math.max(this.fullAt.get(partner) ?? 0, now) + perToken;
    const early = fullAt - now - this.rate.burst * perToken;
    if (early > 0.001) return { ok: false, retryAfterMs: Math.ceil(early) };
    this.fullAt.set(partner, fullAt);
    return { ok: true };
  }
}
