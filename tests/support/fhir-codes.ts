/**
 * Elements of FHIR R4 that take one of a fixed set of codes, as far as our bundles use them. The structure validator
 * does not look at codes, so these lists do; an element that is bound and missing here is reported as such.
 */
const REQUEST_STATUS = 'draft active on-hold revoked completed entered-in-error unknown';
const EVENT_STATUS = 'preparation in-progress not-done on-hold stopped completed entered-in-error unknown';
const PRIORITY = 'routine urgent asap stat';

export const REQUIRED_CODES: Readonly<Record<string, string>> = {
  'Attachment.contentType':
    'application/pdf text/plain text/csv image/jpeg image/png ' +
    'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  'Bundle.type':
    'document message transaction transaction-response batch batch-response history searchset collection',
  'CapabilityStatement.fhirVersion': '4.0.1',
  'CapabilityStatement.format': 'application/fhir+json',
  'CapabilityStatement.kind': 'instance capability requirements',
  'CapabilityStatement.messaging.supportedMessage.mode': 'sender receiver',
  'CapabilityStatement.rest.mode': 'client server',
  'CapabilityStatement.status': 'draft active retired unknown',
  'CarePlan.status': REQUEST_STATUS,
  'CarePlan.activity.detail.status':
    'not-started scheduled in-progress on-hold completed cancelled stopped unknown entered-in-error',
  'CarePlan.intent': 'proposal plan order option',
  'ClinicalImpression.status': EVENT_STATUS,
  'Communication.status': EVENT_STATUS,
  'Communication.priority': PRIORITY,
  'Composition.status': 'preliminary final amended entered-in-error',
  'Consent.status': 'draft proposed active rejected inactive entered-in-error',
  'Consent.provision.type': 'deny permit',
  'ContactPoint.system': 'phone fax email pager url sms other',
  'ContactPoint.use': 'home work temp old mobile',
  'DocumentReference.status': 'current superseded entered-in-error',
  'Encounter.status':
    'planned arrived triaged in-progress onleave finished cancelled entered-in-error unknown',
  'EpisodeOfCare.status': 'planned waitlist active onhold finished cancelled entered-in-error',
  'Flag.status': 'active inactive entered-in-error',
  'Goal.lifecycleStatus':
    'proposed planned accepted active on-hold completed cancelled entered-in-error rejected',
  'MessageHeader.response.code': 'ok transient-error fatal-error',
  'Narrative.status': 'generated extensions additional empty',
  'Observation.status': 'registered preliminary final amended corrected cancelled entered-in-error unknown',
  'OperationOutcome.issue.severity': 'fatal error warning information',
  'OperationOutcome.issue.code':
    'invalid structure required value invariant security login unknown expired forbidden suppressed processing ' +
    'not-supported duplicate multiple-matches not-found deleted too-long code-invalid extension too-costly ' +
    'business-rule conflict transient lock-error no-store exception timeout incomplete throttled informational',
  'Patient.gender': 'male female other unknown',
  'Procedure.status': EVENT_STATUS,
  'ServiceRequest.status': REQUEST_STATUS,
  'ServiceRequest.intent':
    'proposal plan directive order original-order reflex-order filler-order instance-order option',
  'ServiceRequest.priority': PRIORITY,
  'Task.status':
    'draft requested received accepted rejected ready cancelled in-progress on-hold failed completed entered-in-error',
  'Task.intent': 'unknown proposal plan order original-order reflex-order filler-order instance-order option',
};

/** The same where UK Core binds a concept: its system, and the codes of it. */
export const REQUIRED_CONCEPTS: Readonly<Record<string, { system: string; codes: RegExp }>> = {
  'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-EthnicCategory': {
    system: 'https://fhir.hl7.org.uk/CodeSystem/UKCore-EthnicCategoryEngland',
    codes: /^([A-HJ-NPRSZ]|99)$/,
  },
  'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus': {
    system: 'https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatusEngland',
    codes: /^0[1-8]$/,
  },
};

/** What a language may be: a tag of BCP 47, whose languages have two or three letters. */
export const LANGUAGE = { system: 'urn:ietf:bcp:47', codes: /^[a-zA-Z]{2,3}(-[a-zA-Z0-9]{1,8})*$/ };
