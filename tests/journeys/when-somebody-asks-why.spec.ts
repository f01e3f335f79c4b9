import { expect, it } from '@jest/globals';
import { aStepUp } from '../support/builders.js';
import { onBothWires } from '../support/hub-under-test.js';
import { untilStates } from '../support/party.js';
import { recomputeAll } from '../support/recompute-all.js';

interface Routing {
  ruleSet: { decided: string; today: string };
  facts: Record<string, unknown>;
  context: Record<string, unknown>;
  recipients: { partner: string; because: string[] }[];
  notMatched: { route: string; why: string[] }[];
  recomputed: string;
}

await onBothWires('when somebody asks why', {}, (hub) => {
  it('says to staff and to the sender why each recipient got it, and to nobody else', async () => {
    const { messageId } = await hub.as('ylf').send(aStepUp());
    await untilStates(hub.as('ylf'), messageId, { salus: 'acknowledged', nkm: 'acknowledged' });
    const path = `/v1/messages/${messageId}/routing`;
    const routing = await hub.as('ops').get<Routing>(path);
    expect(routing).toMatchObject({
      facts: { type: 'step-up.requested', source: 'ylf', to: 'mentoring-intensive', area: 'medway' },
      recomputed: 'same',
    });
    expect(routing.recipients.find(({ partner }) => partner === 'nkm')?.because).toEqual([
      "Every step-up passes the front door's record.",
    ]);
    expect(routing.notMatched.length).toBeGreaterThan(20);
    expect(routing.ruleSet.decided).toBe(routing.ruleSet.today);

    expect(await hub.as('ylf').get<Routing>(path)).toMatchObject({ recomputed: 'same' });
    expect((await hub.as('ylf').get<Routing>(path)).context).not.toHaveProperty('holders');
    expect((await hub.as('salus').request('GET', path)).status).toBe(404);
    expect((await hub.as('kooth').request('GET', path)).status).toBe(404);
  });

  it('says it on the command line too', async () => {
    const { messageId } = await hub.as('ylf').send(aStepUp());
    const { code, out } = await hub.cli('explain', messageId);
    expect(code).toBe(0);
    expect(out).toMatch(/salus +mentoring-intensive +is asked/);
    expect(out).toContain('kent-and-medway-apart');
    expect(out).toMatch(/\d+ more are for other types of message; --json lists them\./);
    const listed = await hub.cli('explain', messageId, '--json');
    expect(listed.out).toContain('referral-to-front-door');
    expect(out).toContain('The same rules make the same decision again.');
  });

  it('notices a decision that its own rules would not make', async () => {
    const { messageId } = await hub.as('ylf').send(aStepUp());
    await expect(recomputeAll(hub.hub)).resolves.toBeGreaterThan(0);
    const change = (to: string): Promise<unknown> =>
      hub.db.query(
        `update message set decision = jsonb_set(decision, '{facts,to}', to_jsonb($2::text)) where message_id = $1`,
        [messageId, to],
      );
    await change('mentoring-peer');
    await expect(recomputeAll(hub.hub)).rejects.toThrow(messageId);
    await change('mentoring-intensive');
  });
});
