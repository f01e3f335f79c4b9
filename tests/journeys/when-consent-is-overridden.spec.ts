import { expect, it } from '@jest/globals';
import type { Task } from '../../apps/hub/src/store/tasks.js';
import { aStepUp } from '../support/builders.js';
import { eventually } from '../support/eventually.js';
import { onBothWires } from '../support/hub-under-test.js';
import { untilStates } from '../support/party.js';

await onBothWires('when consent is overridden', {}, (hub) => {
  const reason = 'A safeguarding concern that would grow if we waited for an answer.';
  const override = () =>
    aStepUp({ consent: 'refused', sharingbasis: 'safeguarding-override', overridereason: reason });
  const reviewOf = async (messageId: string) => {
    const { tasks } = await hub.as('ops').get<{ tasks: Task[] }>('/v1/tasks?owner=clinical-lead');
    return tasks.filter((task) => task.messageId === messageId);
  };

  it('sends what safety needs, though consent is refused, and opens one review that is due in a working day', async () => {
    const { messageId, acceptedAt } = await hub.as('ylf').send(override());
    await untilStates(hub.as('ylf'), messageId, { nkm: 'acknowledged', salus: 'acknowledged' });
    const arrival = hub.arrivals('salus').find(({ body }) => body.includes(messageId));
    const copy = JSON.parse(arrival?.body ?? '') as { overridereason: string; data: object };
    expect(copy.overridereason).toBe(reason);
    expect(copy.data).not.toHaveProperty('needs');

    const [review, ...others] = await reviewOf(messageId);
    expect(others).toEqual([]);
    expect(review).toMatchObject({ kind: 'consent.override', owner: 'clinical-lead', overdue: false });
    const hours = (Date.parse(review?.dueAt ?? '') - Date.parse(acceptedAt)) / 3_600_000;
    expect(hours).toBeGreaterThan(0);
    expect(hours).toBeLessThanOrEqual(24 * 5);
  });

  it('ends the review once, with a result that stands on the timeline', async () => {
    const { messageId } = await hub.as('ylf').send(override());
    const [review] = await eventually(async () => {
      const found = await reviewOf(messageId);
      expect(found).toHaveLength(1);
      return found;
    });
    const close = (body: object) => hub.as('ops').request('POST', `/v1/tasks/${review?.taskId}/close`, body);
    expect((await close({ result: 'justified' })).status).toBe(400);
    expect((await close({ result: 'justified', reason: 'Seen with the duty clinician.' })).status).toBe(200);
    expect((await close({ result: 'not-justified', reason: 'Again.' })).status).toBe(409);
    expect(await reviewOf(messageId)).toEqual([]);
    const { timeline } = await hub.as('ops').follow(messageId);
    expect(timeline.find(({ station }) => station === 'task.closed')?.detail).toMatchObject({
      task: 'consent.override',
      result: 'justified',
      by: expect.stringMatching(/./),
    });
    expect((await hub.as('ylf').request('GET', '/v1/tasks')).status).toBe(403);
  });

  it('is refused where nobody says why', async () => {
    const unsaid = await hub.as('ylf').submit(JSON.stringify({ ...override(), overridereason: undefined }));
    expect(unsaid.status).toBe(422);
    expect(unsaid.text).toContain('/overridereason');
  });
});
