// Generated from schemas/ by `npm run generate`. Change the schema, not this file.
import type { Person, ConsentScope, Consent, Instant } from './shared.v1.js';

/**
 * A young person who uses a digital service without a name has chosen to be known to the alliance, by a code that they themselves asked for. Nothing else may link them.
 */
export interface IdentityLinkV1 {
  /**
   * The service's own name for the account; no real name.
   */
  alias: string;
  /**
   * How it is known that it was their choice.
   */
  proof: {
    /**
     * The kind of proof.
     */
    kind: 'young-person-code';
    /**
     * The code that the young person asked for and gave.
     */
    code: string;
    /**
     * When they gave it.
     */
    redeemedAt: Instant;
  };
  /**
   * The young person's own choice.
   */
  choice: Consent;
  /**
   * What may be shared after the link, with whom and for what.
   *
   * @minItems 1
   * @maxItems 20
   */
  scope: ConsentScope[];
  /**
   * The young person, as far as they have said who they are.
   */
  person?: Person;
  /**
   * What they hope for.
   */
  wants?: string;
}
