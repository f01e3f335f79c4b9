// Generated from schemas/ by `npm run generate`. Change the schema, not this file.

/**
 * A date (YYYY-MM-DD), or unknown, declined or not-asked.
 */
export type DateOrAnswer = string;

/**
 * One way to reach somebody, and whether it is safe to use.
 */
export interface ContactRoute {
  /**
   * What kind of route it is.
   */
  kind: 'phone' | 'sms' | 'email' | 'post' | 'in-person' | 'other' | 'unknown' | 'declined' | 'not-asked';
  /**
   * The number or address; absent where it is not known.
   */
  value?: string;
  /**
   * Whose route it is.
   */
  belongsTo?: 'young-person' | 'carer' | 'professional' | 'other';
  /**
   * Whether it is safe to use without being seen or heard by somebody else.
   */
  safe: 'yes' | 'no' | 'unknown' | 'declined' | 'not-asked';
  /**
   * When or how to use it.
   */
  notes?: string;
}

/**
 * Where somebody lives, or why that cannot be said.
 */
export interface Address {
  /**
   * Whether there is an address.
   */
  kind: 'known' | 'no-fixed-abode' | 'unknown' | 'declined' | 'not-asked';
  /**
   * The lines of the address.
   *
   * @maxItems 6
   */
  lines?: string[];
  /**
   * The postcode.
   */
  postcode?: string;
  /**
   * Whether post may be sent there.
   */
  safeToWrite?: 'yes' | 'no' | 'unknown' | 'declined' | 'not-asked';
}

/**
 * The young person. Unknown is an answer everywhere.
 */
export interface Person {
  /**
   * The name they go by, or unknown, declined or not-asked.
   */
  name: string;
  /**
   * Date of birth, or why it is not known.
   */
  dateOfBirth: DateOrAnswer;
  /**
   * NHS number: ten digits with a valid check digit. Never required.
   */
  nhsNumber?: string;
  /**
   * Where they live.
   */
  address: Address;
  /**
   * The ways to reach them; an empty list says that none is known.
   *
   * @maxItems 8
   */
  contactRoutes: ContactRoute[];
  /**
   * Whether nobody may learn where they are: address, telephone and school then leave to nobody.
   */
  restricted?: boolean;
  /**
   * First language, as a BCP 47 tag, or unknown, declined or not-asked.
   */
  firstLanguage?: string;
  /**
   * Sex, as the national data set codes it.
   */
  sex?: 'female' | 'male' | 'indeterminate' | 'unknown' | 'declined' | 'not-asked';
  /**
   * Whether gender is the same as at birth.
   */
  genderSameAsAtBirth?: 'yes' | 'no' | 'unknown' | 'declined' | 'not-asked';
  /**
   * Ethnic category code of the national set, Z for not stated, 99 for not known, or not-asked.
   */
  ethnicity?: string;
}

/**
 * Somebody to speak with about this message.
 */
export interface Professional {
  /**
   * Their role.
   */
  role: string;
  /**
   * Their name.
   */
  name?: string;
  /**
   * Where they work.
   */
  organisation?: string;
  /**
   * How to reach them.
   */
  contact?: ContactRoute;
}

/**
 * To whom, of what and for what a consent statement speaks; * means any.
 */
export interface ConsentScope {
  /**
   * A partner, or * for every one.
   */
  party: string;
  /**
   * A class of data, or * for every one.
   */
  dataClass: 'care' | 'risk' | 'operational' | '*';
  /**
   * A purpose, or * for every one.
   */
  purpose: 'operations' | 'direct-care' | 'coordination' | 'safety' | 'reporting' | '*';
}

/**
 * What was asked about sharing, and what was answered.
 */
export interface Consent {
  /**
   * The answer: limited means that only what the scope lists was agreed.
   */
  status: 'given' | 'refused' | 'withdrawn' | 'limited' | 'expired' | 'not-asked' | 'unknown';
  /**
   * Who answered.
   */
  by?: 'young-person' | 'carer' | 'both' | 'other' | 'unknown';
  /**
   * The worker's view of whether the young person can decide this.
   */
  capacity?: 'competent' | 'not-competent' | 'not-assessed' | 'unknown';
  /**
   * When it was answered.
   */
  recordedAt?: DateOrAnswer;
  /**
   * How it was explained.
   */
  told?: string;
  /**
   * What was agreed, where the status is limited.
   *
   * @maxItems 20
   */
  scope?: ConsentScope[];
}

/**
 * One need, told apart by kind, never one tick for disability.
 */
export interface Need {
  /**
   * What kind of need.
   */
  kind: 'send' | 'physical' | 'sensory' | 'mental-impairment' | 'neurodivergence';
  /**
   * How it is known; waiting for a diagnosis counts.
   */
  status:
    'confirmed' | 'awaiting-diagnosis' | 'need-identified' | 'none' | 'unknown' | 'declined' | 'not-asked';
  /**
   * Which need is the primary one for care.
   */
  rank: 'primary' | 'secondary' | 'other';
  /**
   * What helps.
   */
  notes?: string;
}

/**
 * Needs of any kind; where there are any, exactly one is primary.
 *
 * @maxItems 10
 */
export type Needs = Need[];

/**
 * How to write and speak so that it is understood.
 */
export interface Communication {
  /**
   * Preferred language, as a BCP 47 tag, or unknown, declined or not-asked.
   */
  preferredLanguage: string;
  /**
   * Whether an interpreter is needed.
   */
  interpreter: 'yes' | 'no' | 'unknown' | 'declined' | 'not-asked';
  /**
   * The format that suits.
   */
  format:
    | 'digital'
    | 'paper'
    | 'easy-read'
    | 'visual'
    | 'large-print'
    | 'audio'
    | 'unknown'
    | 'declined'
    | 'not-asked';
  /**
   * What can be reached digitally.
   */
  digitalAccess?: 'own-device' | 'shared' | 'none' | 'unsafe' | 'unknown' | 'declined' | 'not-asked';
  /**
   * Reasonable adjustments.
   *
   * @maxItems 10
   */
  adjustments?: string[];
}

/**
 * Five questions; unknown is an answer to each.
 */
export interface RiskScreen {
  /**
   * Thoughts of suicide.
   */
  suicidalThoughts: 'yes' | 'no' | 'unknown' | 'declined' | 'not-asked';
  /**
   * Self-harm.
   */
  selfHarm: 'yes' | 'no' | 'unknown' | 'declined' | 'not-asked';
  /**
   * Aggression towards others.
   */
  aggression: 'yes' | 'no' | 'unknown' | 'declined' | 'not-asked';
  /**
   * A safeguarding concern.
   */
  safeguarding: 'yes' | 'no' | 'unknown' | 'declined' | 'not-asked';
  /**
   * Danger now; telephone as well.
   */
  immediateDanger: 'yes' | 'no' | 'unknown' | 'declined' | 'not-asked';
  /**
   * What is known, and what protects.
   */
  summary?: string;
}

/**
 * Circumstances that bring priority or extend the age limit.
 */
export interface PriorityFlags {
  /**
   * Looked after now, or other care experience.
   */
  careExperienced: 'yes' | 'no' | 'unknown' | 'declined' | 'not-asked';
  /**
   * An unaccompanied asylum-seeking child.
   */
  unaccompaniedAsylumSeeking: 'yes' | 'no' | 'unknown' | 'declined' | 'not-asked';
  /**
   * A care leaver.
   */
  careLeaver: 'yes' | 'no' | 'unknown' | 'declined' | 'not-asked';
  /**
   * With the youth justice service, or at risk of offending.
   */
  youthJustice: 'yes' | 'no' | 'unknown' | 'declined' | 'not-asked';
}

/**
 * A moment, RFC 3339 with an offset.
 */
export type Instant = string;

/**
 * A date, YYYY-MM-DD.
 */
export type Day = string;

/**
 * A word of a list: lower case, digits and hyphens.
 */
export type Code = string;

/**
 * A number that can be rung.
 */
export type TelephoneNumber = string;

/**
 * The young person, as well as it can be said.
 */
export type About = {
  /**
   * How well the young person is known.
   */
  kind: 'identified' | 'locator' | 'unidentified';
  /**
   * The young person, where known.
   */
  person?: Person;
  /**
   * The little that is known: an alias, a place, a session.
   */
  locator?: string;
};

/**
 * Whether somebody was telephoned already, and whom.
 */
export interface Telephoned {
  /**
   * Whether a telephone call was made.
   */
  done: 'yes' | 'no' | 'unknown' | 'declined' | 'not-asked';
  /**
   * Role of the person who was reached.
   */
  whom?: string;
  /**
   * When.
   */
  at?: Instant;
  /**
   * Role of the person who rang.
   */
  by?: string;
}

/**
 * A person who answers for it, by name and role.
 */
export interface NamedPerson {
  /**
   * Their name.
   */
  name: string;
  /**
   * Their role.
   */
  role: string;
  /**
   * The telephone number on which they answer.
   */
  callback?: TelephoneNumber;
}

/**
 * What the standard handover template asks to be passed on.
 */
export type HandoverItem =
  | 'reason'
  | 'current-risk'
  | 'safety-plan'
  | 'care-plan'
  | 'measures'
  | 'medication'
  | 'needs'
  | 'communication'
  | 'contact-routes'
  | 'consent'
  | 'appointments'
  | 'professionals-involved';

/**
 * The standard template, item by item.
 *
 * @maxItems 20
 */
export type Checklist = {
  /**
   * What is to be passed on.
   */
  item: HandoverItem;
  /**
   * Whether it was.
   */
  state: 'passed-on' | 'to-follow' | 'missing' | 'not-applicable' | 'unknown';
}[];

/**
 * What was not passed on, and who sees to it; an empty list says that nothing is missing.
 *
 * @maxItems 20
 */
export type Gaps = {
  /**
   * Which item.
   */
  item: HandoverItem;
  /**
   * What is missing of it.
   */
  missing: string;
  /**
   * Role of the person who sees to it.
   */
  followUpBy?: string;
}[];

/**
 * One party, and what the young person answered about sharing with it.
 */
export interface PlanRecipient {
  /**
   * The partner.
   */
  party: string;
  /**
   * The answer.
   */
  status: 'given' | 'refused' | 'withdrawn' | 'expired' | 'not-asked' | 'unknown';
  /**
   * Who answered.
   */
  by: 'young-person' | 'carer' | 'both' | 'other' | 'unknown';
  /**
   * The worker's view of whether the young person can decide this.
   */
  capacity?: 'competent' | 'not-competent' | 'not-assessed' | 'unknown';
  /**
   * When it was answered.
   */
  recordedAt: DateOrAnswer;
}

/**
 * Whether there is a safety plan; the plan itself travels by its own message.
 */
export interface SafetyPlan {
  /**
   * Whether one was made.
   */
  exists: 'yes' | 'no' | 'unknown' | 'declined' | 'not-asked';
  /**
   * The holder's reference of it.
   */
  reference?: string;
  /**
   * When it is to be reviewed.
   */
  reviewOn?: DateOrAnswer;
}

/**
 * One result of one instrument.
 */
export interface Measure {
  /**
   * Code of the instrument.
   */
  instrument: string;
  /**
   * When it was filled in.
   */
  administeredOn: DateOrAnswer;
  /**
   * The total score.
   */
  score: number;
}

/**
 * One intervention or support and how it went.
 */
export interface Support {
  /**
   * Service code.
   */
  service: string;
  /**
   * First day.
   */
  from?: DateOrAnswer;
  /**
   * Last day; absent while it goes on.
   */
  until?: DateOrAnswer;
  /**
   * Whether it helped.
   */
  helped: 'yes' | 'partly' | 'no' | 'unknown' | 'declined' | 'not-asked';
  /**
   * What helped and what did not.
   */
  notes?: string;
}

/**
 * What is offered in place of what was declined. Nobody is sent away empty-handed.
 */
export interface Alternative {
  /**
   * What kind of alternative.
   */
  kind: 'other-service' | 'later' | 'more-information' | 'advice' | 'keep-with-sender';
  /**
   * Service code, where it is another service.
   */
  service?: string;
  /**
   * What is proposed, in plain words.
   */
  description: string;
}

/**
 * What a referral says. Unknown is an answer everywhere.
 */
export interface Referral {
  /**
   * Who refers.
   */
  referrer: {
    /**
     * In which capacity.
     */
    kind:
      | 'professional'
      | 'parent-carer'
      | 'young-person'
      | 'school'
      | 'gp'
      | 'social-care'
      | 'youth-justice'
      | 'existing-provider'
      | 'specialist'
      | 'other';
    /**
     * The source of the referral, as the national data set tells it apart.
     */
    source?: Code;
    /**
     * Name of the referrer.
     */
    name?: string;
    /**
     * Organisation of the referrer.
     */
    organisation?: string;
    /**
     * How to reach the referrer.
     */
    contact: ContactRoute;
  };
  /**
   * The young person.
   */
  person: Person;
  /**
   * Consent of the young person to sharing.
   */
  consent: Consent;
  /**
   * Whether a carer agrees with the referral.
   */
  carerAgreement?: 'yes' | 'no' | 'unknown' | 'declined' | 'not-asked';
  /**
   * Why, in the words of the young person or the referrer.
   */
  reason: string;
  /**
   * The risk screen.
   */
  risk: RiskScreen;
  /**
   * Circumstances that bring priority.
   */
  priority: PriorityFlags;
  /**
   * Communication needs.
   */
  communication: Communication;
  /**
   * SEND, disability and neurodivergence.
   */
  needs?: Needs;
  /**
   * School or college.
   */
  school?: string;
  /**
   * General practice.
   */
  practice?: string;
  /**
   * Services now and before.
   *
   * @maxItems 20
   */
  services?: Support[];
  /**
   * Preferred setting.
   */
  setting?: 'in-person' | 'online' | 'either' | 'unknown' | 'declined' | 'not-asked';
  /**
   * Preferred times.
   *
   * @maxItems 3
   */
  times?: ('weekday' | 'evening' | 'saturday')[];
  /**
   * An offer that the young person asks for by their own choice.
   *
   * @maxItems 5
   */
  supportRequested?: 'lgbtqia-offer'[];
  /**
   * People in the family who may be spoken with.
   *
   * @maxItems 8
   */
  family?: Professional[];
  /**
   * Reference of an earlier case, where one is known.
   */
  priorCaseRef?: string;
}
