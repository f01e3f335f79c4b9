import { describe, expect, it } from '@jest/globals';
import { isSignedWebhook, signWebhook } from './webhook.js';

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
