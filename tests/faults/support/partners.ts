import { startFakePartner, type FakePartner } from '../../support/fake-partner.js';
import type { Moments } from './random.js';

/** Those who take copies at an endpoint of their own: nkm knows a repeat, no other does. */
export interface Partners {
  nkm: FakePartner;
  salus: FakePartner;
}

export async function startPartners(): Promise<Partners> {
  return {
    nkm: await startFakePartner({ style: 'webhook', idempotent: true }),
    salus: await startFakePartner({ style: 'http', idempotent: false }),
  };
}

/** Each answer takes its time, so that a kill can fall between a copy's arrival and its answer. */
export function answerSlowly(partners: Partners, random: Moments): void {
  for (const fake of Object.values(partners) as FakePartner[])
    fake.respond(async (): Promise<'good'> => {
      await random.passes(0, 40);
      return 'good';
    });
}

export async function closePartners(partners: Partners): Promise<void> {
  await Promise.all((Object.values(partners) as FakePartner[]).map((fake) => fake.close()));
}
