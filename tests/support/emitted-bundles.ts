import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type * as fhir4 from 'fhir/r4.js';
import { loadContracts, projectRoot, type Envelope } from '#contracts';
import { acceptedResponse, fromBundle, hasFhirForm, operationOutcome, toBundle } from '#fhir';

export interface Emitted {
  title: string;
  resource: fhir4.Bundle<fhir4.FhirResource>;
}

/** Every valid example of every contract. */
export function validMessages(): { title: string; envelope: Envelope }[] {
  return loadContracts().all.flatMap(({ type, major, name }) => {
    const folder = join(projectRoot(), 'schemas', type, `v${major}.examples/valid`);
    return readdirSync(folder).map((file) => ({
      title: `${name} ${file}`,
      envelope: JSON.parse(readFileSync(join(folder, file), 'utf8')) as Envelope,
    }));
  });
}

/** The bundle of every valid example of every contract that has a FHIR form, and the answers to messages. */
export function emittedBundles(): Emitted[] {
  const messages = validMessages()
    .filter(({ envelope }) => hasFhirForm(envelope.type))
    .map(({ title, envelope }) => ({ title, resource: toBundle(envelope) }));
  return [...messages, ...answers(messages)];
}

function answers(messages: readonly Emitted[]): Emitted[] {
  const alert = messages.find(({ title }) => title.startsWith('mta.risk.alert.v1'));
  const read = fromBundle(alert?.resource);
  if ('outcome' in read) throw new Error('The risk alert is refused.');
  const receipt = {
    messageId: '0198c0de-0000-7000-8000-000000000001',
    caseRef: 'MTA-0000-0000-0',
    acceptedAt: '2026-11-22T09:00:00.000Z',
    deliveries: [{ id: '0198c0de-0000-7000-8000-000000000002', partner: 'nkm' }],
    telephone: 'Telephone too.',
  };
  const more = structuredClone(alert?.resource);
  for (const { resource } of more?.entry ?? []) Object.assign(resource ?? {}, { planted: 'x' });
  const told = fromBundle(more);
  if ('outcome' in told) throw new Error('The risk alert with more in it is refused.');
  const findings = operationOutcome('contract/fhir', 'Something.', 'warning', ['/entry/0']).issue;
  return [
    { title: 'the answer', resource: acceptedResponse(receipt, read.request) },
    { title: 'the answer with findings', resource: acceptedResponse(receipt, read.request, findings) },
    {
      title: 'the answer that tells what is not carried',
      resource: acceptedResponse(receipt, told.request, told.notCarried),
    },
  ];
}
