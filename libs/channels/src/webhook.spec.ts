import { describe, expect, it } from '@jest/globals';
import type { MinimisedMessage } from '#contracts';
import { bareProof, isSignedWebhook, signWebhook, toWebhook } from './webhook.js';

const secret = (text: string): string => `whsec_${Buffer.from(text.padEnd(24, '.')).toString('base64')}`;
const old = secret('old');
const fresh = secret('fresh');
const body = '{"id":"m-1"}';

describe('a signed webhook', () => {
  it('is good under its secret, and under no other', () => {
    const headers = signWebhook([fresh], 'd-1', body, new Date());
    expect(headers['webhook-id']).toBe('d-1');
    expect(isSignedWebhook([fresh], headers, body)).toBe(true);
    expect(isSignedWebhook([old], headers, body)).toBe(false);
  });

  it('is good under both secrets while they rotate', () => {
    const headers = signWebhook([fresh, old], 'd-1', body, new Date());
    expect(isSignedWebhook([old], headers, body)).toBe(true);
    expect(isSignedWebhook([fresh], headers, body)).toBe(true);
  });

  it('is bad with another body, another id or an old time', () => {
    const headers = signWebhook([fresh], 'd-1', body, new Date());
    expect(isSignedWebhook([fresh], headers, '{"id":"m-2"}')).toBe(false);
    expect(isSignedWebhook([fresh], { ...headers, 'webhook-id': 'd-2' }, body)).toBe(false);
    const stale = signWebhook([fresh], 'd-1', body, new Date(Date.now() - 600_000));
    expect(isSignedWebhook([fresh], stale, body)).toBe(false);
  });

  it('cannot be made without a secret', () => {
    expect(() => signWebhook([], 'd-1', body, new Date())).toThrow('at least one secret');
  });
});

describe('the webhook to a partner', () => {
  it('is the copy itself, signed, with the deliveryid as its id', () => {
    const message = { id: 'm-1', deliveryid: 'd-1', type: 'mta.hub.receipt.v1', data: { text: 'ü' } };
    const copy = message as unknown as MinimisedMessage;
    const post = toWebhook('http://nkm/hook', [fresh], copy, new Date());
    expect(post.url).toBe('http://nkm/hook');
    expect(JSON.parse(post.body)).toEqual(message);
    expect(post.headers).toMatchObject({
      'content-type': 'application/cloudevents+json',
      'webhook-id': 'd-1',
    });
    expect(isSignedWebhook([fresh], post.headers, post.body)).toBe(true);
  });

  it.each([
    [204, '', '204'],
    [204, 'text', undefined],
    [200, '', undefined],
    [200, '<html></html>', undefined],
  ])('has %s with "%s" prove %s', (status, text, proves) => {
    expect(bareProof('nkm').taken({ status, headers: {}, body: text })).toBe(proves);
  });

  it.each([
    ['{"type":"urn:nkm:duplicate"}', true],
    ['{"type":"urn:kooth:duplicate"}', false],
    ['{"type":"urn:nkm:refused"}', false],
    ['', false],
  ])('has 409 with %s be a duplicate: %s', (text, is) => {
    expect(bareProof('nkm').duplicate({ status: 409, headers: {}, body: text })).toBe(is);
  });
});
