import { codesOf, IDS } from './names.js';
import { codedAmong, codingAmong, dateTime, referenceById } from './shapes.js';
import { eachItem, type Json, link, type Link, type Sheet } from './sheet.js';
import { status } from './status.js';

const HL7 = 'http://terminology.hl7.org/CodeSystem';
const NEAREST: Record<string, string> = {
  given: 'active',
  limited: 'active',
  refused: 'rejected',
  withdrawn: 'inactive',
  expired: 'inactive',
  'not-asked': 'proposed',
  unknown: 'proposed',
};
const PLAIN = { active: 'given', rejected: 'refused', inactive: 'withdrawn', proposed: 'unknown' };
const PERMITS = ['given', 'limited'];

/** The consent that stands at `pointer`; `madeAt` is the member that says when it was made. */
export const consent = (pointer: string, madeAt: string): Sheet => ({
  name: 'consent',
  resourceType: 'Consent',
  fixed: (refer) => ({
    scope: { coding: [{ system: `${HL7}/consentscope`, code: 'patient-privacy' }] },
    category: [{ coding: [{ system: `${HL7}/v3-ActCode`, code: 'INFA' }] }],
    patient: refer('patient'),
  }),
  needs: `${pointer}/status`,
  links: [
    status(`${pointer}/status`, NEAREST, PLAIN, 'category', codedAmong(codesOf('consent-status'))),
    link(`${pointer}/${madeAt}`, 'dateTime', dateTime),
    eachItem(`${pointer}/scope`, 'provision.provision', [
      link('/party', 'actor.0.reference', referenceById(IDS.partner)),
      link('/dataClass', 'class', codingAmong(codesOf('data-class'))),
      link('/purpose', 'purpose', codingAmong(codesOf('purpose'))),
    ]),
    dressing(`${pointer}/status`),
  ],
});

/** What FHIR demands of every Consent, and says again what the status says. */
function dressing(pointer: string): Link {
  return {
    write(leaves, base, resource) {
      const permits = PERMITS.includes(String(leaves.get(base + pointer)));
      resource['policyRule'] = {
        coding: [{ system: `${HL7}/v3-ActCode`, code: permits ? 'OPTIN' : 'OPTOUT' }],
      };
      const provisions = ((resource['provision'] as Json | undefined)?.['provision'] ?? []) as Json[];
      for (const provision of provisions) {
        provision['type'] = permits ? 'permit' : 'deny';
        for (const actor of (provision['actor'] ?? []) as Json[]) {
          actor['role'] = { coding: [{ system: `${HL7}/v3-ParticipationType`, code: 'IRCP' }] };
        }
      }
      return false;
    },
    read: () => undefined,
  };
}
