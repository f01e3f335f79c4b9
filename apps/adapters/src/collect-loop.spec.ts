import { expect, it } from '@jest/globals';
import { eventually } from '../../../tests/support/eventually.js';
import { collectLoop } from './collect-loop.js';
import type { Door, Pickup } from './pickup.js';

const door: Door = { post: () => Promise.reject(new Error('nobody posts here')) };

function setup(collect: Pickup['collect']) {
  const told: { fields: object; message: string }[] = [];
  const tell = (fields: object, message: string): unknown => told.push({ fields, message });
  let closed = 0;
  const pickup: Pickup = { partner: 'chums', collect, close: async () => void (closed += 1) };
  const loop = collectLoop(pickup, door, { everyMs: 1, log: { info: tell, warn: tell } });
  return { loop, told, closed: () => closed };
}

it('looks again and again, one look at a time, and says what it took', async () => {
  let looks = 0;
  let underWay = 0;
  const { loop, told } = setup(async () => {
    looks += 1;
    underWay += 1;
    expect(underWay).toBe(1);
    await new Promise((resolve) => setImmediate(resolve));
    underWay -= 1;
    return looks === 2 ? 3 : 0;
  });
  await eventually(() => expect(looks).toBeGreaterThan(3));
  await loop.stop();
  expect(told).toEqual([{ fields: { partner: 'chums', taken: 3 }, message: 'pickup.taken' }]);
});

it('goes on after a look that failed, and says nothing of what lay there', async () => {
  let looks = 0;
  const { loop, told } = setup(async () => {
    looks += 1;
    if (looks === 1) throw Object.assign(new Error('Robin Example.json is gone'), { code: 'ENOENT' });
    return 1;
  });
  await eventually(() => expect(told.at(-1)).toMatchObject({ message: 'pickup.taken' }));
  await loop.stop();
  expect(told[0]).toEqual({
    fields: { partner: 'chums', error: 'Error', code: 'ENOENT' },
    message: 'pickup.failed',
  });
});

it('ends the look under way, and closes once', async () => {
  let ended = false;
  const { loop, closed, told } = setup(
    (_door, signal) =>
      new Promise((_, reject) =>
        signal.addEventListener('abort', () => {
          ended = true;
          reject(new Error('aborted'));
        }),
      ),
  );
  await loop.stop();
  expect({ ended, closed: closed(), told }).toEqual({ ended: true, closed: 1, told: [] });
});
