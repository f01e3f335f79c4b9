import type { Caller } from '../platform/auth/caller.js';
import { ProblemException } from '../platform/problem.js';
import { BatcherFull } from '../store/batcher.js';
import type { IntakeAnswer } from './intake.js';
import type { Refused } from './validate.js';

/** The partner behind a request; staff do not send messages. */
export function senderOf(caller: Caller): string {
  if (caller.kind === 'partner') return caller.partner;
  throw new ProblemException('identity/not-allowed', { detail: 'Only a partner sends messages, as itself.' });
}

/** What a viewer may see: staff everything, a partner its own. */
export function viewerOf(caller: Caller): { partner: string | null } {
  return { partner: caller.kind === 'partner' ? caller.partner : null };
}

/** A refusal as the problem that every door answers with. */
export function problemOf(refused: Refused): ProblemException {
  return new ProblemException(refused.code, {
    ...(refused.detail !== undefined && { detail: refused.detail }),
    ...(refused.violations.length > 0 && { violations: refused.violations }),
    ...(refused.retryAfterMs !== undefined && {
      headers: { 'retry-after': retryAfter(refused.retryAfterMs) },
    }),
  });
}

/** Waits for intake; a full queue is `infrastructure/busy`, so that nobody takes silence for a Receipt. */
export async function answered(
  answer: Promise<IntakeAnswer>,
): Promise<Extract<IntakeAnswer, { receipt: string }>> {
  const result = await answer.catch((error: unknown) => {
    if (error instanceof BatcherFull)
      throw new ProblemException('infrastructure/busy', { headers: { 'retry-after': '2' } });
    throw error;
  });
  if (result.refused) throw problemOf(result.refused);
  return result;
}

function retryAfter(ms: number): string {
  return String(Math.max(1, Math.ceil(ms / 1000)));
}
