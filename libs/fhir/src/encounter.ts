import { CODES, codesOf, IDS } from './names.js';
import type { Place } from './place.js';
import { code, codeIn, identifier, referenceById, type Shape, text } from './shapes.js';
import { link, type Link, say, type Sheet } from './sheet.js';
import type { Representation } from './representation.js';
import type { View } from './view.js';

/** The day of a moment, where it was. */
const day: Shape = {
  write: () => undefined,
  read: (parent, element) => parent.text(element)?.slice(0, 10),
};

/** Reasons that NHS England's lists give, in our words; what is on no list of ours is `other`. */
const REASONS: Record<string, string> = {
  [`${CODES.dosRejected}|22`]: 'no-capacity',
  [`${CODES.dosRejected}|23`]: 'not-our-service',
  [`${CODES.dosRejected}|42`]: 'outside-area',
  [`${CODES.rejected}|RRNA`]: 'no-capacity',
};
const declineReason = (reason: Place): string | undefined => {
  const own = codeIn(reason, codesOf('decline-reason'));
  if (own !== undefined) return own;
  const theirs = reason.list('coding');
  const nameOf = ({ value }: Place): string => `${value['system'] as string}|${value['code'] as string}`;
  const known = theirs.find((coding) => Object.hasOwn(REASONS, nameOf(coding)));
  if (!known) return theirs.length > 0 ? 'other' : undefined;
  return REASONS[`${known.text('system')}|${known.text('code')}`];
};

/** BaRS: whoever asked takes the case back and does the next thing; the reason's words say what to know for that. */
const handedBack: Link = {
  write: () => false,
  read(resource, base, said) {
    const [reason] = resource.list('reasonCode');
    if (!reason || resource.text('status') !== 'cancelled') return;
    const why = declineReason(reason);
    if (why !== undefined) say(said, `${base}/data/reason`, why, reason, 'coding');
    const words = reason.text('text');
    if (words === undefined) return;
    say(said, `${base}/data/alternative/kind`, 'keep-with-sender', reason);
    say(said, `${base}/data/alternative/description`, words, reason, 'text');
  },
};

/**
 * A business answer in the manner of BaRS: not a Task, but the receiver's own Encounter, which travels behind the
 * sender's. `startsOn` is the member that says when the receiver begins. Understood, never written.
 */
const receiversEncounter = (startsOn: string): Sheet => ({
  name: 'answer',
  resourceType: 'Encounter',
  fixed: () => ({}),
  last: true,
  links: [
    link(
      '/data/decision',
      'status',
      code({ accepted: 'in-progress', 'accepted-waiting': 'planned', declined: 'cancelled' }),
    ),
    link('/data/decidedAt', 'meta.lastUpdated', text),
    link('/data/decidedBy', 'participant.0.individual.display', text),
    link(`/data/${startsOn}`, 'period.start', day),
    handedBack,
    link('/caseref', 'episodeOfCare.0.identifier', identifier(IDS.caseReference)),
    link('/subject', 'subject', referenceById(IDS.subject)),
  ],
});

/** What such an answer repeats of the message that asked; none of it is read. */
const CONTEXT = [
  ...['ServiceRequest', 'Patient', 'Encounter', 'Organization', 'Practitioner', 'PractitionerRole'],
  ...['HealthcareService', 'Location'],
];
const STARTS_ON: Readonly<Record<string, string>> = {
  'mta.step.decision.v1': 'ownerFrom',
  'mta.request.decision.v1': 'earliestStart',
};

/** The representation that the bundle follows: a decision without a Task, but with an Encounter, is one of BaRS's kind. */
export function idiomOf(view: View, type: string, representation: Representation): Representation {
  const startsOn = Object.hasOwn(STARTS_ON, type) ? STARTS_ON[type] : undefined;
  const isEncounter = view.ofType('Task').length === 0 && view.ofType('Encounter').length > 0;
  if (startsOn === undefined || !isEncounter) return representation;
  return { ...representation, sheets: [receiversEncounter(startsOn)], context: CONTEXT };
}
