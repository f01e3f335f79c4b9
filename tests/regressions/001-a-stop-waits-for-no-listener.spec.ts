import { afterEach, expect, it } from '@jest/globals';
import { startHubUnderTest, type HubUnderTest } from '../support/hub-under-test.js';

let hub: HubUnderTest;
afterEach(() => hub.stop());

/** Well below what a long poll may wait, and a stream of events has no end of its own. */
const WITHIN_MS = 15_000;

it(
  'stops while a partner waits at its inbox and an operator watches the events',
  async () => {
    hub = await startHubUnderTest({ wire: 'local' });
    const polling = hub.as('ylf').request('GET', '/v1/inbox?wait=30');
    const events = await fetch(`${hub.url}/v1/events`, {
      headers: { authorization: `Bearer ${await hub.as('ops').token()}` },
    });
    expect(events.status).toBe(200);
    const watching = events.text();
    await hub.stop();
    expect(await polling).toMatchObject({ status: 200, json: { items: [] } });
    await watching;
  },
  WITHIN_MS,
);
