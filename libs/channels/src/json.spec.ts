import { describe, expect, it } from '@jest/globals';
import type { MinimisedMessage } from '#contracts';
import { echoProof, toJsonPost } from './json.js';

const deliveryId = '0198c0de-0000-7000-8000-000000000002';

describe('the POST to a partner that takes JSON', () => {
  it.each(['http://salus', 'http://salus/'])('is the copy itself, under the key, from %s', (url) => {
    const message = { id: 'm-1', deliveryid: deliveryId, data: { a: 1 } };
    const post = toJsonPost(url, 'the-key', message as unknown as MinimisedMessage);
    expect(post.url).toBe('http://salus/messages');
    expect(post.headers).toEqual({
      'content-type': 'application/cloudevents+json',
      authorization: 'Bearer the-key',
    });
    expect(JSON.parse(post.body)).toEqual(message);
  });
});

describe('what it answers', () => {
  const answered = (body: string): { status: number; headers: object; body: string } => ({
    status: 200,
    headers: {},
    body,
  });
  it.each([
    [`{"deliveryid":"${deliveryId}"}`, deliveryId],
    ['{"deliveryid":"another"}', undefined],
    ['<!doctype html>', undefined],
    ['', undefined],
  ])('%s proves %s', (body, proves) => {
    expect(echoProof(deliveryId).taken({ ...answered(body), headers: {} })).toBe(proves);
  });

  it.each([
    ['{"code":"duplicate"}', true],
    ['{"code":"refused"}', false],
    ['<!doctype html>', false],
  ])('%s is a duplicate: %s', (body, is) => {
    expect(echoProof(deliveryId).duplicate({ ...answered(body), headers: {} })).toBe(is);
  });
});
