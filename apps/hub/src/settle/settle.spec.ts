import { describe, expect, it } from '@jest/globals';
import type { Fact, Outcome } from '#contracts';
import type { AttemptState } from '../store/read-attempts.js';
import type { Settlement } from '../store/settle-deliveries.js';
import { settle, type SettleTools } from './settle.js';

const now = new Date('2026-11-02T10:00:00Z');
const DELIVERED: Outcome = { class: 'delivered', arrived: 'yes', code: 'acknowledged' };

function claimed(deliveryId: string): AttemptState {
  return {
    deliveryId,
    messageId: 'm',
    partner: 'salus',
    band: 'normal',
    state: 'claimed',
    attemptId: `attempt of ${deliveryId}`,
    attempt: 1,
    startedAt: now,
    claimedAt: now,
    told: 0,
    possibleRepeat: false,
    uncertain: false,
    headMs: 0,
    ageMs: 0,
    now,
    answered: false,
    rests: 0,
  };
}

/** A ledger of claimed deliveries: what a settlement ends is gone. */
function setup(ids: readonly string[]): { tools: SettleTools; batches: Settlement[][] } {
  const live = new Map(ids.map((id) => [id, claimed(id)]));
  const batches: Settlement[][] = [];
  const tools = {
    partners: new Map(),
    alliance: {},
    leftWith: () => Promise.resolve(new Map()),
    readAttempts: async (asked: readonly string[]) => new Map([...live].filter(([id]) => asked.includes(id))),
    markStarted: async () => undefined,
    settle: async (settlements: readonly Settlement[]) => {
      batches.push([...settlements]);
      for (const { deliveryId } of settlements) live.delete(deliveryId);
      return { applied: new Set(settlements.map((s) => s.deliveryId)), wake: [] };
    },
    metrics: { deliveries: { inc: () => undefined }, settleSeconds: { observe: () => undefined } },
    log: { info: () => undefined },
  } as unknown as SettleTools;
  return { tools, batches };
}

function delivered(deliveryId: string): Fact {
  const attemptId = `attempt of ${deliveryId}`;
  return { kind: 'outcome', deliveryId, attemptId, partner: 'salus', outcome: DELIVERED };
}

describe('facts that come together', () => {
  it('settles two deliveries in one batch', async () => {
    const { tools, batches } = setup(['a', 'b']);
    await settle(tools, [delivered('a'), delivered('b')]);
    expect(batches.map((batch) => batch.map((s) => s.deliveryId))).toEqual([['a', 'b']]);
  });

  it('records an attempt once when its outcome comes twice', async () => {
    const { tools, batches } = setup(['a', 'b']);
    await settle(tools, [delivered('a'), delivered('b'), delivered('a')]);
    expect(batches.flat().map((s) => s.deliveryId)).toEqual(['a', 'b']);
  });
});
