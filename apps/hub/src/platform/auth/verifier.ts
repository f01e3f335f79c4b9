import {
  createRemoteJWKSet,
  decodeJwt,
  errors,
  jwtVerify,
  type JWTPayload,
  type JWTVerifyGetKey,
} from 'jose';
import { ProblemException } from '../problem.js';
import type { Caller } from './caller.js';

/** The audience of every token for this hub. */
export const AUDIENCE = 'urn:alliance-hub';

const ALGORITHMS = ['ES256', 'ES384', 'EdDSA', 'Ed25519', 'RS256', 'PS256'];
const CLOCK_TOLERANCE_S = 5;
/** A token is judged once and then known until it expires: a signature costs more than the rest of an accept. */
const REMEMBERED = 10_000;

/** Verifies bearer tokens of the embedded issuer and of outside ones. */
export class Verifier {
  /** By the whole header, so that a known one costs one look-up. */
  private readonly known = new Map<string, { caller: Caller; untilMs: number }>();

  constructor(
    /** Keys of the embedded issuer. */
    private readonly embedded: JWTVerifyGetKey,
    /** Keys of outside issuers, by their `iss`. */
    private readonly outside: ReadonlyMap<string, JWTVerifyGetKey>,
    private readonly onRefused: (code: string) => void = () => undefined,
    private readonly nowMs: () => number = Date.now,
  ) {}

  /**
   * Who sent the header `Authorization: Bearer …`. Throws `identity/no-token`, `identity/bad-token`, or
   * `infrastructure/unavailable` when an outside issuer's keys cannot be read.
   */
  async verify(authorization: string | undefined): Promise<Caller> {
    if (!authorization) throw this.refused('identity/no-token');
    const known = this.known.get(authorization);
    if (known && known.untilMs > this.nowMs()) return known.caller;
    this.known.delete(authorization);
    return this.judge(authorization);
  }

  private async judge(authorization: string): Promise<Caller> {
    const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization)?.[1];
    if (!token) throw this.refused('identity/bad-token');
    const claims = await this.claimsOf(token);
    const caller = callerOf(claims);
    if (!caller)
      throw this.refused('identity/not-allowed', 'The token names neither a partner nor a staff role.');
    const [oldest] = this.known.keys();
    if (oldest !== undefined && this.known.size >= REMEMBERED) this.known.delete(oldest);
    this.known.set(authorization, { caller, untilMs: (claims.exp ?? 0) * 1000 });
    return caller;
  }

  private async claimsOf(token: string): Promise<JWTPayload> {
    try {
      const issuer = decodeJwt(token).iss ?? '';
      const keys = this.outside.get(issuer);
      const { payload } = await jwtVerify(token, keys ?? this.embedded, {
        audience: AUDIENCE,
        algorithms: ALGORITHMS,
        clockTolerance: CLOCK_TOLERANCE_S,
        currentDate: new Date(this.nowMs()),
        requiredClaims: ['exp'],
        ...(keys && { issuer }),
      });
      return payload;
    } catch (error) {
      if (error instanceof errors.JOSEError && !(error instanceof errors.JWKSTimeout)) {
        throw this.refused('identity/bad-token');
      }
      throw new ProblemException('infrastructure/unavailable', {
        detail: "The keys of the token's issuer cannot be read.",
        headers: { 'retry-after': '5' },
      });
    }
  }

  private refused(
    code: 'identity/no-token' | 'identity/bad-token' | 'identity/not-allowed',
    detail?: string,
  ) {
    this.onRefused(code);
    return new ProblemException(code, { detail });
  }
}

/** A token says `partner`, or `roles` of staff; the same claims from every issuer. */
function callerOf(claims: JWTPayload): Caller | undefined {
  if (typeof claims.partner === 'string') return { kind: 'partner', partner: claims.partner };
  const roles = Array.isArray(claims.roles) ? claims.roles.filter((role) => typeof role === 'string') : [];
  return roles.length > 0 ? { kind: 'staff', subject: claims.sub ?? '', roles } : undefined;
}

/** The keys of an outside issuer, found by OpenID discovery at the first token of it. */
export function outsideKeys(issuer: string): JWTVerifyGetKey {
  let found: JWTVerifyGetKey | undefined;
  return async (header, token) => {
    found ??= await discover(issuer);
    return found(header, token);
  };
}

async function discover(issuer: string): Promise<JWTVerifyGetKey> {
  const response = await fetch(`${issuer}/.well-known/openid-configuration`, {
    signal: AbortSignal.timeout(5_000),
    redirect: 'error',
  });
  const { jwks_uri } = (await response.json()) as { jwks_uri?: string };
  if (!response.ok || !jwks_uri) throw new Error(`${issuer} has no OpenID configuration.`);
  return createRemoteJWKSet(new URL(jwks_uri));
}
