// Generated from schemas/ by `npm run generate`. Change the schema, not this file.
import type { ContactRoute, Person, Consent, Communication } from './shared.v1.js';

/**
 * The front door asks a provider to work with a young person.
 */
export interface InterventionRequestedV1 {
  /**
   * The role or service that is asked, for example mentoring-intensive. Never a partner: routes decide who that is.
   */
  to: string;
  /**
   * The intervention that is asked for.
   */
  serviceCode: string;
  /**
   * How soon an answer is needed.
   */
  urgency: 'routine' | 'urgent';
  /**
   * The need, as much as the provider must know.
   */
  needSummary: string;
  /**
   * What the young person wants to reach.
   */
  goal: string;
  /**
   * Whether the young person has priority; never the reason.
   */
  priority: boolean;
  /**
   * The young person; absent where the offer is anonymous.
   */
  person?: Person;
  /**
   * The ways to reach the young person; an empty list says that none is known.
   *
   * @maxItems 8
   */
  contactRoutes: ContactRoute[];
  /**
   * Communication needs.
   */
  communication: Communication;
  /**
   * Consent to this request.
   */
  consent: Consent;
  /**
   * The part of the care plan that concerns the provider.
   */
  planExcerpt?: string;
  /**
   * Weeks since triage.
   */
  weeksWaited?: number;
  /**
   * How carers take part.
   */
  carerInvolvement?: string;
  /**
   * Where the young person would like it to be.
   */
  venue?: string;
}
