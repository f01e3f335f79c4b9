import { consent } from './consent.js';
import { CODES, codesOf, IDS } from './names.js';
import { worker } from './parts.js';
import { patient, restriction } from './person.js';
import type { Representation } from './representation.js';
import { codedAmong, date, dateTime, identifier, integer, text } from './shapes.js';
import { eachItem, link, type Link, type Sheet } from './sheet.js';

/** Something that is told and needs no answer of its own. */
export const notice = (useCase: string, ...links: Link[]): Sheet => ({
  name: 'notice',
  resourceType: 'Communication',
  fixed: (refer) => ({
    status: 'completed',
    category: [{ coding: [{ system: CODES.useCase, code: useCase }] }],
    subject: refer('patient'),
  }),
  always: true,
  links,
});

export const subjectUpdated: Representation = {
  sheets: [
    notice('subject-updated', eachItem('/data/changes', 'payload', [link('/field', 'contentString', text)])),
    patient('/data', [], restriction('/data/restricted')),
    worker('held-by', '/data/heldBy'),
  ],
};

export const safetyPlanWithdrawn: Representation = {
  sheets: [
    notice(
      'safety-plan-withdrawn',
      link('/data/withdrawnAt', 'sent', dateTime),
      link('/data/reason', 'reasonCode', codedAmong(codesOf('withdrawal-reason'))),
      link('/data/instruction', 'payload.0.contentString', text),
      link('/data/plan', 'about.0.identifier', identifier(IDS.plan)),
    ),
    patient(),
  ],
};

export const messageRecalled: Representation = {
  sheets: [
    notice(
      'message-recalled',
      link('/data/at', 'sent', dateTime),
      link('/data/reason', 'reasonCode', codedAmong(codesOf('recall-reason'))),
      link('/data/instruction', 'payload.0.contentString', text),
      link('/data/messageId', 'about.0.identifier', identifier(IDS.message)),
      link('/data/by', 'sender.display', text),
    ),
    patient(),
  ],
};

/** FHIR wants every attachment to hold something: here that its data does not travel with the message. */
const DATA_ABSENT = 'http://hl7.org/fhir/StructureDefinition/data-absent-reason';

export const documentShared: Representation = {
  sheets: [
    {
      name: 'document',
      resourceType: 'DocumentReference',
      fixed: (refer) => ({
        status: 'current',
        subject: refer('patient'),
        content: [{ attachment: { extension: [{ url: DATA_ABSENT, valueCode: 'masked' }] } }],
      }),
      always: true,
      links: [
        link('/data/documentId', 'masterIdentifier', identifier(IDS.document)),
        link('/data/kind', 'category', codedAmong(codesOf('document-kind'))),
        link('/data/mediaType', 'content.0.attachment.contentType', text),
        link('/data/bytes', 'content.0.attachment.size', integer),
        link('/data/title', 'content.0.attachment.title', text),
      ],
    },
    patient(),
    consent('/data/consent', 'recordedAt'),
  ],
};

export const serviceStatus: Representation = {
  sheets: [
    {
      name: 'service',
      resourceType: 'HealthcareService',
      fixed: () => ({}),
      always: true,
      links: [
        link('/data/serviceCode', 'type', codedAmong(codesOf('service'))),
        link('/data/note', 'comment', text),
      ],
    },
  ],
};

export const coordinatorAssigned: Representation = {
  sheets: [
    notice(
      'coordinator-assigned',
      link('/data/cover', 'payload.0.contentString', text),
      link('/data/from', 'sent', date),
    ),
    patient(),
    worker('coordinator', '/data/coordinator'),
  ],
};
