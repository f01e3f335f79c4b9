// Generated from schemas/ by `npm run generate`. Change the schema, not this file.
import type { DateOrAnswer, Consent, Code } from './shared.v1.js';

/**
 * A document is there for one party: what it is, its hash, and who may read it. The document itself does not travel with the message.
 */
export interface DocumentSharedV1 {
  /**
   * The role that is to have it. Never a partner: routes decide who that is.
   */
  to: Code;
  /**
   * The id under which it is fetched.
   */
  documentId: string;
  /**
   * What it is.
   */
  kind:
    | 'behaviour-support-plan'
    | 'functional-behaviour-assessment'
    | 'assessment'
    | 'letter'
    | 'handover-template'
    | 'data-template';
  /**
   * Which version.
   */
  version: number;
  /**
   * SHA-256 of its bytes, in lower-case hex: what is fetched must be what was shared.
   */
  hash: string;
  /**
   * Its media type.
   */
  mediaType:
    | 'application/pdf'
    | 'text/plain'
    | 'text/csv'
    | 'image/jpeg'
    | 'image/png'
    | 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
  /**
   * How long it is; at most 20 MiB.
   */
  bytes: number;
  /**
   * Who may read it.
   *
   * @minItems 1
   * @maxItems 9
   */
  audience: (
    | 'young-person'
    | 'carer'
    | 'school'
    | 'provider'
    | 'coordinator'
    | 'specialist'
    | 'social-care'
    | 'youth-justice'
    | 'gp'
  )[];
  /**
   * What it is called; no name of a person.
   */
  title?: string;
  /**
   * When it is no longer to be used.
   */
  expiresOn?: DateOrAnswer;
  /**
   * Consent to share it.
   */
  consent: Consent;
}
