import { consent } from './consent.js';
import { codesOf, IDS } from './names.js';
import { narratives, riskFlags, worker } from './parts.js';
import { patient } from './person.js';
import type { Representation } from './representation.js';
import { codedAmong, coded, date, identifier, text } from './shapes.js';
import { eachItem, link, type Link, type Sheet, whole } from './sheet.js';

/** A warm handover is one Task, told of three times: asked for, spoken of, done. */
const handover = (status: string, ...links: Link[]): Sheet => ({
  name: 'handover',
  resourceType: 'Task',
  fixed: (refer) => ({
    status,
    intent: 'order',
    code: { coding: [{ system: codesOf('task'), code: 'handover' }], text: 'warm handover' },
    for: refer('patient'),
  }),
  always: true,
  links: [
    link('/caseref', 'groupIdentifier', identifier(IDS.caseReference)),
    ...links,
    eachItem('/data/checklist', 'input', [
      whole(link('/item', 'type', coded(codesOf('handover-item'))), link('/state', 'valueString', text)),
    ]),
    eachItem('/data/gaps', 'output', [
      whole(link('/item', 'type', coded(codesOf('handover-item'))), link('/missing', 'valueString', text)),
    ]),
  ],
});

export const handoverInitiated: Representation = {
  sheets: [
    handover(
      'requested',
      link('/data/to', 'performerType', codedAmong(codesOf('role'))),
      link('/data/conversationPlannedOn', 'executionPeriod.start', date),
    ),
    patient(),
    consent('/data/consent', 'recordedAt'),
    ...riskFlags,
    ...narratives('summary', 'risk.summary'),
    worker('from-worker', '/data/fromWorker'),
    worker('to-worker', '/data/toWorker'),
  ],
};

export const conversationHeld: Representation = {
  sheets: [
    handover('in-progress', link('/data/heldOn', 'executionPeriod.start', date)),
    patient(),
    ...narratives('agreed', 'youngPersonsWishes'),
    { ...worker('participant'), each: '/data/participants' },
  ],
};

export const handoverCompleted: Representation = {
  sheets: [
    handover(
      'completed',
      link('/data/conversationOn', 'executionPeriod.start', date),
      link('/data/firstContactOn', 'executionPeriod.end', date),
    ),
    patient(),
    ...narratives('youngPersonsView'),
    worker('received-by', '/data/receivedBy'),
  ],
};
