// Generated from schemas/ by `npm run generate`. Change the schema, not this file.
import type { ContactRoute, Person, Professional, Consent, Communication, Instant, Code, Alternative, Referral } from './shared.v1.js';

/**
 * The front door asks another service to take a referral that does not fit here. The case stays open at the front door until the other side accepts.
 */
export interface ReferralRedirectedV1 {
  /**
   * The role that is asked to take it, for example kent-front-door. Never a partner: routes decide who that is.
   */
  to: Code;
  /**
   * Why it does not fit here.
   */
  reason: 'age' | 'place' | 'need' | 'requested';
  /**
   * Who keeps the case open meanwhile.
   */
  openAt: 'front-door';
  /**
   * When the referral was first received anywhere: its clocks go on from there.
   */
  receivedAt: Instant;
  /**
   * What the receiver must know to decide, and no more.
   */
  summary: string;
  /**
   * The young person, as far as they agreed to pass on.
   */
  person?: Person;
  /**
   * Safe ways to reach the young person.
   *
   * @maxItems 8
   */
  contactRoutes: ContactRoute[];
  /**
   * Communication needs.
   */
  communication?: Communication;
  /**
   * Consent to pass it on.
   */
  consent: Consent;
  /**
   * The referral itself, where the young person agreed to pass it on.
   */
  referral?: Referral;
  /**
   * What else was offered to the young person.
   *
   * @maxItems 5
   */
  alternatives?: Alternative[];
  /**
   * Who at the front door can be asked.
   */
  contact?: Professional;
}
