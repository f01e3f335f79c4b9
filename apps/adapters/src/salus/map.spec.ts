import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import type { MinimisedMessage } from '#contracts';
import { salusProof, toPost } from './map.js';

const sample = (name: string): string => readFileSync(new URL(`./samples/${name}`, import.meta.url), 'utf8');
const deliveryId = '0198c0de-0000-7000-8000-000000000002';

describe('the POST to Salus', () => {
  it.each(['http://salus', 'http://salus/'])('is the copy itself, under the key, from %s', (url) => {
    const message = { id: 'm-1', deliveryid: deliveryId, data: { a: 1 } };
    const post = toPost(url, 'the-key', message as unknown as MinimisedMessage);
    expect(post.url).toBe('http://salus/messages');
    expect(post.headers).toEqual({
      'content-type': 'application/cloudevents+json',
      authorization: 'Bearer the-key',
    });
    expect(JSON.parse(post.body)).toEqual(message);
  });
});

describe('what Salus answers', () => {
  const proof = salusProof(deliveryId);
  it.each([
    ['accepted.json', deliveryId],
    ['sign-in.html', undefined],
  ])('%s proves %s', (name, proves) => {
    expect(proof.taken({ status: 200, headers: {}, body: sample(name) })).toBe(proves);
  });

  it('proves nothing about another delivery', () => {
    expect(
      salusProof('another').taken({ status: 200, headers: {}, body: sample('accepted.json') }),
    ).toBeUndefined();
  });

  it.each([
    ['duplicate.json', true],
    ['accepted.json', false],
    ['sign-in.html', false],
  ])('%s is a duplicate: %s', (name, is) => {
    expect(proof.duplicate({ status: 409, headers: {}, body: sample(name) })).toBe(is);
  });
});
