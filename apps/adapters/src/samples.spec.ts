import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { fhirProof } from '#channels/fhir.js';
import type { Proof } from '#channels/http.js';
import { echoProof } from '#channels/json.js';
import { bareProof } from '#channels/webhook.js';

const deliveryId = '0198c0de-0000-7000-8000-000000000002';
const folder = (partner: string): URL => new URL(`./${partner}/samples/`, import.meta.url);

/** How each partner proves that it has a copy. */
const PROOFS: [string, Proof][] = [
  ['nkm', bareProof('nkm')],
  ['kooth', bareProof('kooth')],
  ['salus', echoProof(deliveryId)],
  ['salus-kent', echoProof(deliveryId)],
  ['bfb-labs', echoProof(deliveryId)],
  ['nelft', fhirProof(deliveryId)],
  ['crisis', fhirProof(deliveryId)],
];

/** What a sample shows, by its name, and the status that it comes with. */
const SHOWS: Record<string, { status: number; taken: boolean; duplicate: boolean }> = {
  'accepted.json': { status: 200, taken: true, duplicate: false },
  'duplicate.json': { status: 409, taken: false, duplicate: true },
  'refused.json': { status: 422, taken: false, duplicate: false },
  'sign-in.html': { status: 200, taken: false, duplicate: false },
};

describe.each(PROOFS)('the samples of %s', (partner, proof) => {
  it.each(readdirSync(folder(partner)))('%s is read as what it is', (file) => {
    const shows = SHOWS[file];
    const body = readFileSync(new URL(file, folder(partner)), 'utf8');
    const answer = { status: shows?.status ?? 0, headers: { 'x-request-id': deliveryId }, body };
    expect({
      taken: answer.status < 300 && proof.taken(answer) === deliveryId,
      duplicate: proof.duplicate(answer),
    }).toEqual({ taken: shows?.taken, duplicate: shows?.duplicate });
  });
});
