import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import type { MinimisedMessage } from '#contracts';
import { isSignedWebhook } from '#channels/webhook.js';
import { nkmProof, toWebhook } from './map.js';

const sample = (name: string): string => readFileSync(new URL(`./samples/${name}`, import.meta.url), 'utf8');
const message = { id: 'm-1', deliveryid: 'd-1', type: 'mta.hub.receipt.v1', data: { text: 'ü' } };
const secret = 'whsec_c2VjcmV0';

describe('the webhook to NKM', () => {
  it('is the copy itself, signed, with the deliveryid as its id', () => {
    const post = toWebhook('http://nkm/hook', [secret], message as unknown as MinimisedMessage, new Date());
    expect(post.url).toBe('http://nkm/hook');
    expect(JSON.parse(post.body)).toEqual(message);
    expect(post.headers).toMatchObject({
      'content-type': 'application/cloudevents+json',
      'webhook-id': 'd-1',
    });
    expect(isSignedWebhook([secret], post.headers, post.body)).toBe(true);
  });
});

describe('what NKM answers', () => {
  it.each([
    [204, '', '204'],
    [204, 'text', undefined],
    [200, '', undefined],
    [200, '<html></html>', undefined],
  ])('%s with "%s" proves %s', (status, body, proves) => {
    expect(nkmProof.taken({ status, headers: {}, body })).toBe(proves);
  });

  it.each([
    ['duplicate.json', true],
    ['refused.json', false],
  ])('%s is a duplicate: %s', (name, is) => {
    expect(nkmProof.duplicate({ status: 409, headers: {}, body: sample(name) })).toBe(is);
  });
});
