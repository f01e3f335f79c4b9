import { expect, it } from '@jest/globals';
import { readdirSync } from 'node:fs';
import type { MinimisedMessage } from '#contracts';
import { toFile } from './map.js';

const deliveryid = '0198c0de-0000-7000-8000-000000000002';
const message = { id: 'm-1', deliveryid, data: { person: { name: 'Robin Ünal' } } };

it('is a file that is named by its delivery and nothing else', () => {
  const { name, body } = toFile(message as unknown as MinimisedMessage);
  expect(name).toBe(`${deliveryid}.json`);
  expect(JSON.parse(body.toString('utf8'))).toEqual(message);
});

it('is acknowledged by a file of the same name', () => {
  const samples = readdirSync(new URL('./samples/', import.meta.url));
  expect(samples).toEqual([`${deliveryid}.receipt`]);
});
