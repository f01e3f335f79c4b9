import { codesOf, IDS } from './names.js';
import { codedAmong, codingAmong, dateTime, referenceById } from './shapes.js';
import { eachItem, type Json, link, type Link, type Sheet } from './sheet.js';
import type { Place } from './place.js';
import { recognise } from './recognise.js';
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
const ACT_CODES = `${HL7}/v3-ActCode`;
/** To whom information goes. */
const RECIPIENT = { coding: [{ system: `${HL7}/v3-ParticipationType`, code: 'IRCP' }] };
const PERMITS = ['given', 'limited'];

/** The consent that stands at `pointer`; `madeAt` is the member that says when it was made. */
export const consent = (pointer: string, madeAt: string): Sheet => ({
  name: 'consent',
  resourceType: 'Consent',
  fixed: (refer) => ({
    scope: { coding: [{ system: `${HL7}/consentscope`, code: 'patient-privacy' }] },
    category: [{ coding: [{ system: ACT_CODES, code: 'INFA' }] }],
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
      resource['policyRule'] = { coding: [{ system: ACT_CODES, code: permits ? 'OPTIN' : 'OPTOUT' }] };
      const provisions = ((resource['provision'] as Json | undefined)?.['provision'] ?? []) as Json[];
      for (const provision of provisions) {
        provision['type'] = permits ? 'permit' : 'deny';
        for (const actor of (provision['actor'] ?? []) as Json[]) {
          actor['role'] = RECIPIENT;
        }
      }
      return false;
    },
    read(resource, base, said) {
      const permits = PERMITS.includes(String(said.get(base + pointer)));
      const provision = resource.child('provision');
      const rules = [provision, ...(provision?.list('provision') ?? [])];
      for (const rule of rules) agree(rule, 'type', permits ? ['permit', 'deny'] : ['deny', 'permit']);
      for (const rule of rules)
        for (const actor of rule?.list('actor') ?? []) recognise(actor, { role: RECIPIENT });
      for (const coding of resource.child('policyRule')?.list('coding') ?? []) {
        coding.says('system', ACT_CODES);
        agree(coding, 'code', permits ? ['OPTIN', 'OPTOUT'] : ['OPTOUT', 'OPTIN']);
      }
    },
  };
}

/** A rule that turns the status around must not be overlooked. */
function agree(place: Place | undefined, element: string, [like, unlike]: [string, string]): void {
  if (!place || place.says(element, like) || !place.says(element, unlike)) return;
  place.complain('conflict', 'This is not what the status of the consent says.', element);
}
