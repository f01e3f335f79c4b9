import { describe, expect, it } from '@jest/globals';
import { loadAlliance, type Band, type Outcome } from '#contracts';
import type { AttemptState } from '../store/read-attempts.js';
import { settlementFor } from './settlement.js';

const HANDED_OVER: Outcome = {
  class: 'handed-over',
  arrived: 'yes',
  code: 'handed-over',
  evidence: { status: 202, reference: 'MESH1' },
};
const alliance = loadAlliance(undefined, {});
const rules = { alliance, partners: new Map(alliance.partners.map((partner) => [partner.id, partner])) };

/** A Monday morning. */
const now = new Date('2026-11-02T10:00:00Z');

function handedOver(band: Band) {
  const attempt = { deliveryId: 'd', attemptId: 'a', partner: 'camhs', band, attempt: 1, now };
  return settlementFor(rules, attempt as AttemptState, { do: 'hand-over' }, HANDED_OVER);
}

describe('a copy that was handed over', () => {
  it('waits for its acknowledgement as long as the partner may take', () => {
    expect(handedOver('normal')).toMatchObject({
      verb: { do: 'hand-over', forMs: Date.parse('2026-11-03T23:59:59.999Z') - now.getTime() },
      stations: ['wire.claimed', 'wire.sent', 'delivery.handed-over'],
      detail: { reference: 'MESH1', status: 202 },
    });
  });

  it('opens a gate that rested: the channel works', () => {
    expect(handedOver('normal').gate).toEqual({ effect: 'success' });
  });

  it('waits no longer than a quarter of an hour where it is urgent, and moves no gate', () => {
    expect(handedOver('urgent')).toMatchObject({ verb: { do: 'hand-over', forMs: 15 * 60_000 } });
    expect(handedOver('urgent').gate).toBeUndefined();
  });
});
