import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { projectRoot } from '#contracts';
import { aMeasure, aReferral, aRequest, type Message } from '../support/builders.js';
import { onBothWires } from '../support/hub-under-test.js';
import { untilInInbox, untilStates, untilStation } from '../support/party.js';

/** A valid example of a contract as a message of its own. */
function anExample(type: string, file: string, deviation: Partial<Message> = {}): Message {
  const path = join(projectRoot(), 'schemas', type, 'v1.examples/valid', `${file}.json`);
  const { caseref: _case, causationid: _cause, ...rest } = JSON.parse(readFileSync(path, 'utf8')) as Message;
  return { ...rest, id: randomUUID(), ...deviation };
}

const hoursAgo = (hours: number): string => new Date(Date.now() - hours * 3_600_000).toISOString();

const mhstMayRead = {
  id: 'mhst-test',
  partner: 'mhst',
  purposes: ['operations', 'direct-care', 'coordination', 'safety'],
  sensitivity: 'S4' as const,
  from: '2026-01-01',
};

await onBothWires(
  'when a referral does not fit',
  { configure: ({ agreements }) => void agreements.push(mhstMayRead) },
  (hub) => {
    const ownerOf = async (caseRef: string | null): Promise<unknown> =>
      (await hub.as('ops').get<{ owner: string }>(`/v1/cases/${caseRef}`)).owner;

    it('is taken half-empty, and the front door has one task that pages nobody', async () => {
      const referral = aReferral();
      const person = referral.data['person'] as Record<string, unknown>;
      person['dateOfBirth'] = 'unknown';
      delete person['sex'];
      const { messageId } = await hub.as('referrers').send(referral);
      await hub.as('referrers').send(referral);
      const { rows } = await hub.db.query<{ kind: string; owner: string; sent: boolean; days: number }>(
        `select kind, owner, sent_at is not null as sent, extract(day from due_at - at)::int as days
         from alert where message_id = $1`,
        [messageId],
      );
      expect(rows).toMatchObject([{ kind: 'data-quality', owner: 'front-door', sent: true }]);
      expect(rows[0]?.days).toBeGreaterThanOrEqual(5);
      const kept = await hub.db.query('select findings, facts from message where message_id = $1', [
        messageId,
      ]);
      expect(kept.rows).toMatchObject([{ facts: { ageWindow: 'unknown' } }]);
      expect(kept.rows[0].findings).toContainEqual({
        keyword: 'age-window',
        schemaPath: '#/rules/age-window',
        severity: 'quality',
      });
    });

    it('refuses a score that cannot be, by the rule’s name and without the score', async () => {
      const measure = aMeasure({ data: { scores: [{ scale: 'total', value: 47.125 }] } });
      const { status, json, text } = await hub.as('salus').submit(JSON.stringify(measure));
      expect(status).toBe(422);
      expect(json).toMatchObject({
        code: 'contract/invalid',
        errors: [{ pointer: '/data/scores/0/value', keyword: 'score-in-range' }],
      });
      expect(text).not.toContain('47.125');
    });

    it('counts its clocks from where it first came, when it came to the wrong door', async () => {
      const receivedAt = hoursAgo(3);
      const misdirected = anExample('referral.misdirected', 'from-a-school', {
        partnercaseref: `YLF-${randomUUID()}`,
      });
      misdirected.data['receivedAt'] = receivedAt;
      const { messageId, caseRef } = await hub.as('ylf').send(misdirected);
      const { rows } = await hub.db.query<{ started: Date; due: Date }>(
        `select started_at as started, due_at as due from clock where message_id = $1 and name = 'CLK-LOOK'`,
        [messageId],
      );
      expect(rows[0]?.started.toISOString()).toBe(receivedAt);
      expect(rows[0]?.due.getTime()).toBe(Date.parse(receivedAt) + 4 * 3_600_000);
      expect(await ownerOf(caseRef)).toBe('front-door');
      await untilStates(hub.as('ylf'), messageId, { nkm: 'acknowledged' });
    });

    describe('a digital game for 7 to 12', () => {
      const bornYearsAgo = (years: number): string => {
        const day = new Date();
        day.setUTCFullYear(day.getUTCFullYear() - years, day.getUTCMonth(), 1);
        return day.toISOString().slice(0, 10);
      };
      /** Asked by a charity, or by the front door itself. */
      const ask = (from: string, years: number) => {
        const person = { ...(aReferral().data['person'] as object), dateOfBirth: bornYearsAgo(years) };
        const contactRoutes = [{ kind: 'phone', value: '01632 960104', belongsTo: 'carer', safe: 'yes' }];
        const game = { to: 'digital-therapy', serviceCode: 'digital-therapy', person, contactRoutes };
        return hub.as(from).send(aRequest({ from, data: game }));
      };
      const untilAt = (messageId: string, states: Record<string, string>) =>
        untilStates(hub.as('ops'), messageId, states);

      it('reaches who makes it where the age fits', async () => {
        const { messageId } = await ask('ylf', 9);
        await untilAt(messageId, { 'bfb-labs': 'acknowledged', nkm: 'acknowledged' });
      });

      it.each([6, 15])('comes back to the front door with the reason at %i', async (years) => {
        const { messageId } = await ask('ylf', years);
        await untilAt(messageId, { nkm: 'acknowledged' });
        expect(hub.arrivals('bfb-labs').some(({ body }) => body.includes(messageId))).toBe(false);
        const { out } = await hub.cli('explain', messageId);
        expect(out).toMatch(
          /lumi-nova-by-age.*Lumi Nova is for 7 to 12; the front door offers something else/s,
        );
        const decision = await hub.db.query(
          `select decision->'recipients' as recipients from message where message_id = $1`,
          [messageId],
        );
        expect(decision.rows[0].recipients).toEqual([
          expect.objectContaining({
            partner: 'nkm',
            asks: true,
            reasons: expect.arrayContaining(['lumi-nova-by-age']),
          }),
        ]);
      });

      it('waits for a person where the front door itself asks for it', async () => {
        const { messageId } = await ask('nkm', 15);
        const { deliveries } = await untilAt(messageId, { nkm: 'parked' });
        expect(deliveries).toMatchObject([{ code: 'routing/denied' }]);
        const { rows } = await hub.db.query('select owner from delivery where message_id = $1', [messageId]);
        expect(rows).toEqual([{ owner: 'front-door' }]);
      });
    });

    it('stays with the front door when another service declines it, and goes when it accepts', async () => {
      const { caseRef } = await hub.as('referrers').send(aReferral());
      const redirect = async () => {
        const message = anExample('referral.redirected', 'to-kent', { caseref: caseRef ?? '' });
        Object.assign(message.data, { to: 'school-support', receivedAt: hoursAgo(1) });
        const { messageId } = await hub.as('nkm').send(message);
        return { messageId, asked: await untilInInbox(hub.as('mhst'), messageId) };
      };
      const decided = (deliveryId: string, data: object) =>
        hub.as('mhst').post<{ messageId: string }>(`/v1/inbox/${deliveryId}/decide`, data);
      const by = { decidedAt: new Date().toISOString(), decidedBy: 'Team lead' };

      const first = await redirect();
      const declined = await decided(first.asked.deliveryId, {
        decision: 'declined',
        ...by,
        reason: 'no-capacity',
        alternative: { kind: 'later', description: 'A place is free in spring.' },
      });
      expect(await hub.as('nkm').follow(declined.messageId)).toMatchObject({
        type: 'mta.referral.redirected.declined.v1',
        causationId: first.messageId,
      });
      await untilStation(hub.as('nkm'), first.messageId, 'origin.informed');
      expect(await ownerOf(caseRef)).toBe('front-door');

      const second = await redirect();
      const accepted = await decided(second.asked.deliveryId, {
        decision: 'accepted',
        ...by,
        firstContactBy: 'unknown',
      });
      expect(await hub.as('nkm').follow(accepted.messageId)).toMatchObject({
        type: 'mta.referral.redirected.accepted.v1',
      });
      await untilStation(hub.as('nkm'), second.messageId, 'origin.informed');
      expect(await ownerOf(caseRef)).toBe('school-support');

      const third = await redirect();
      const neither = await hub
        .as('mhst')
        .request('POST', `/v1/inbox/${third.asked.deliveryId}/decide`, { decision: 'perhaps', ...by });
      expect(neither.status).toBe(422);
    });
  },
);
