/**
 * Every canonical address that the maps use. Ours stand under one base that names nobody's server; those of HL7 and
 * NHS England are used only for what those bodies themselves defined.
 */
export const BASE = 'https://alliance-hub.example/fhir';

/** The version of the exchange (semver): `Bundle.meta.versionId`, and what `Accept` may ask for. */
export const EXCHANGE_VERSION = '1.0.0';

/** Naming systems of identifiers. */
export const IDS = {
  /** The message's id, unique within its sender. */
  message: `${BASE}/id/message`,
  caseReference: `${BASE}/id/case-reference`,
  /** The hub's pseudonym of a person. */
  subject: `${BASE}/id/subject`,
  delivery: `${BASE}/id/delivery`,
  document: `${BASE}/id/document`,
  /** A safety plan, by its maker's reference. */
  plan: `${BASE}/id/safety-plan`,
  partner: `${BASE}/id/partner`,
  nhsNumber: 'https://fhir.nhs.uk/Id/nhs-number',
  odsCode: 'https://fhir.nhs.uk/Id/ods-organization-code',
} as const;

/** Code systems. */
export const CODES = {
  event: `${BASE}/CodeSystem/message-event`,
  fault: `${BASE}/CodeSystem/fault-code`,
  useCase: `${BASE}/CodeSystem/use-case`,
  taskCode: 'http://hl7.org/fhir/CodeSystem/task-code',
  confidentiality: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality',
  actReason: 'http://terminology.hl7.org/CodeSystem/v3-ActReason',
  /** Prefixed error codes of the NHS Booking and Referral Standard: `REC_` says that the receiver refuses. */
  httpError: 'https://fhir.nhs.uk/CodeSystem/http-error-codes',
  /** Why a referral is refused, as NHS England lists it. */
  dosRejected: 'https://fhir.nhs.uk/CodeSystem/dos-rejected-reasons-bars',
  rejected: 'https://fhir.nhs.uk/CodeSystem/rejected-reasons-bars',
  messageReason: 'https://fhir.nhs.uk/CodeSystem/message-reason-bars',
} as const;

/** A code system of ours for the values of one contract field. */
export const codesOf = (field: string): string => `${BASE}/CodeSystem/${field}`;

/** Extensions. */
export const EXTENSIONS = {
  /** One value of the message for which FHIR has no element: its JSON Pointer in the envelope, and the value. */
  contractField: `${BASE}/StructureDefinition/contract-field`,
  /** On an issue: the JSON Pointer, in the JSON form of the message, of what is wrong. */
  contractPointer: `${BASE}/StructureDefinition/contract-pointer`,
} as const;

/** `mta.step-up.requested.v1` → the canonical address of its MessageDefinition. */
export const definitionOf = (type: string): string => `${BASE}/MessageDefinition/${type}`;
