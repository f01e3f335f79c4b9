import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Partner } from '#contracts';
import { startFakePartner, type FakePartner, type FakeStyle } from '../../support/fake-partner.js';
import { startDrops, type Drops } from './drops.js';
import type { Moments } from './random.js';

const CONFIG = resolve(import.meta.dirname, '../../../config/partners.json');
const STYLES: readonly string[] = ['webhook', 'http', 'fhir'] satisfies FakeStyle[];

/** Everybody who takes copies at an endpoint, by id. nkm knows a repeat, no other does: a double would show there. */
export interface Partners extends ReadonlyMap<string, FakePartner> {
  readonly nkm: FakePartner;
  readonly salus: FakePartner;
  readonly drops: Drops;
}

export async function startPartners(): Promise<Partners> {
  const { partners } = JSON.parse(readFileSync(CONFIG, 'utf8')) as { partners: Partner[] };
  const fakes = new Map<string, FakePartner>();
  for (const { id, channel } of partners)
    if (STYLES.includes(channel))
      fakes.set(id, await startFakePartner({ style: channel as FakeStyle, idempotent: id === 'nkm' }));
  const drops = await startDrops();
  return Object.assign(fakes, { nkm: fakes.get('nkm')!, salus: fakes.get('salus')!, drops });
}

/** Each answer takes its time, so that a kill can fall between a copy's arrival and its answer. */
export function answerSlowly(partners: Partners, random: Moments): void {
  for (const fake of partners.values())
    fake.respond(async (): Promise<'good'> => {
      await random.passes(0, 40);
      return 'good';
    });
}

export async function closePartners(partners: Partners): Promise<void> {
  await Promise.all([partners.drops, ...partners.values()].map((one) => one.close()));
}
