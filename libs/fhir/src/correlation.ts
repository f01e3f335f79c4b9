import type { Envelope } from '#contracts';
import { isUuid } from './check-headers.js';
import { v5 as uuidOf } from 'uuid';

/** Turns a case reference into a UUID; the same case has the same one for every partner and for good. */
const NAMESPACE = '2c6bb1f4-7f0a-5a57-8f0d-6a0e1d9a4c11';

/**
 * `X-Correlation-Id` of a message: BaRS wants a UUID that is the same for all messages of a conversation, and ours is
 * the case; without a case the message stands alone.
 */
export const correlationOf = ({ caseref, id }: Pick<Envelope, 'caseref' | 'id'>): string =>
  uuidOf(caseref === undefined ? `message ${id}` : `case ${caseref}`, NAMESPACE);

/** `X-Request-Id` of a message that a partner sends: a UUID, the same whenever the same message is sent again. */
export const requestIdOf = ({ source, id }: Pick<Envelope, 'source' | 'id'>): string =>
  isUuid(id) ? id : uuidOf(`request ${source} ${id}`, NAMESPACE);

/** Both, as the hub's FHIR door wants them of a sender. */
export const exchangeHeaders = (
  message: Pick<Envelope, 'source' | 'id' | 'caseref'>,
): Record<'x-request-id' | 'x-correlation-id', string> => ({
  'x-request-id': requestIdOf(message),
  'x-correlation-id': correlationOf(message),
});

/** Whether the answer to a message says that it was taken before: 409 with `duplicate`, which BaRS counts as success. */
export function isDuplicate(status: number, body: string): boolean {
  if (status !== 409) return false;
  try {
    const { issue } = JSON.parse(body) as { issue?: { code?: string }[] };
    return Array.isArray(issue) && issue.some((each) => each.code === 'duplicate');
  } catch {
    return false;
  }
}
