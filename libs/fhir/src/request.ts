import { CODES, codesOf, IDS } from './names.js';
import { code, coded, identifier } from './shapes.js';
import { link, type Link, type Sheet } from './sheet.js';

/** What is asked for. The status is always `active`: a `revoked` one would be a cancellation, which none of ours is. */
export const request = (useCase: string, ...links: Link[]): Sheet => ({
  name: 'request',
  resourceType: 'ServiceRequest',
  fixed: (refer) => ({
    status: 'active',
    intent: 'plan',
    category: [{ coding: [{ system: CODES.useCase, code: useCase }] }],
    subject: refer('patient'),
  }),
  always: true,
  links: [link('/caseref', 'requisition', identifier(IDS.caseReference)), ...links],
});
/** The role that is asked. */
export const to = link('/data/to', 'performerType', coded(codesOf('role')));
export const urgency = link('/data/urgency', 'priority', code({ routine: 'routine', urgent: 'urgent' }));

/** How soon somebody must act; that it is not known travels as a contract field. */
export const immediacy = link(
  '/data/immediacy',
  'priority',
  code({ now: 'stat', today: 'asap', soon: 'urgent' }),
);
