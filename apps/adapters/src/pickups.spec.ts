import { expect, it } from '@jest/globals';
import type { Partner } from '#contracts';
import type { PartnerCredentials } from './credentials.js';
import { createPickups } from './pickups.js';

const mesh = { mailbox: 'HUB', peer: 'CAMHS01', password: 'p', sharedKey: 'k' };
const camhs = (url: string, everyMs: number): Partner =>
  ({ id: 'camhs', channel: 'mesh', url, pickup: { kind: 'mesh', url, everyMs } }) as Partner;
const create = (partner: Partner, more: Partial<PartnerCredentials> = { mesh }) =>
  createPickups([partner], () => ({ webhookSecrets: [], apiKey: undefined, ...more }));

it('keeps to the pace that MESH allows, but at an exchange on this machine', async () => {
  expect(() => create(camhs('https://mesh-sync.spineservices.nhs.uk', 60_000))).toThrow(
    'camhs: MESH allows a look every five minutes: set pickup.everyMs to 300000.',
  );
  const made = [
    ...create(camhs('https://mesh-sync.spineservices.nhs.uk', 300_000)),
    ...create(camhs('http://127.0.0.1:8189', 100)),
  ];
  expect(made.map(({ partner }) => partner)).toEqual(['camhs', 'camhs']);
  await Promise.all(made.map((pickup) => pickup.close()));
});

it('names the partner whose mailbox it cannot open', () => {
  expect(() => create(camhs('http://127.0.0.1:8189', 100), {})).toThrow(
    'camhs: put mesh into credentials.json',
  );
});
