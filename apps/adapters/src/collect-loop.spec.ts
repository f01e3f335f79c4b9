import { expect, it } from '@jest/globals';
import { eventually } from '../../../tests/support/eventually.js';
import { collectLoop } from './collect-loop.js';
import type { Door, Pickup } from './pickup.js';

/** A hub that gives the turn to whoever has it, or asks first. */
function aDoor(): Door & { turn?: string } {
  const door: Door & { turn?: string } = {
    post: async (path, _type, body) => {
      if (path !== '/v1/pickups/turn') throw new Error('nobody posts here');
      const { holder, forMs } = JSON.parse(String(body)) as { holder: string; forMs: number };
      const granted = (door.turn ??= holder) === holder;
      if (granted && forMs === 0) delete door.turn;
      return { status: 200, headers: {}, body: JSON.stringify({ granted }) };
    },
  };
  return door;
}

function setup(collect: Pickup['collect'], door: Door = aDoor()) {
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

it('looks in one process of several, and in the next when that one stops', async () => {
  const door = aDoor();
  const looks = [0, 0];
  const [one, other] = looks.map((_, no) =>
    setup(async () => {
      looks[no] = (looks[no] ?? 0) + 1;
      return 0;
    }, door),
  );
  await eventually(() => expect(looks[0]).toBeGreaterThan(3));
  expect(looks[1]).toBe(0);
  await one?.loop.stop();
  await eventually(() => expect(looks[1]).toBeGreaterThan(1));
  const seen = looks[0];
  await other?.loop.stop();
  expect(looks[0]).toBe(seen);
  expect(door.turn).toBeUndefined();
});

it('does not look while the hub cannot say whose turn it is', async () => {
  let looks = 0;
  const { loop, told } = setup(async () => (looks += 1), {
    post: async () => ({ status: 503, headers: {}, body: '' }),
  });
  await eventually(() => expect(told.length).toBeGreaterThan(1));
  await loop.stop();
  expect(looks).toBe(0);
  expect(told[0]).toEqual({
    fields: { partner: 'chums', error: 'Error', code: '503' },
    message: 'pickup.failed',
  });
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
  let begun = false;
  let ended = false;
  const { loop, closed, told } = setup(
    (_door, signal) =>
      new Promise((_, reject) => {
        begun = true;
        signal.addEventListener('abort', () => {
          ended = true;
          reject(new Error('aborted'));
        });
      }),
  );
  await eventually(() => expect(begun).toBe(true));
  await loop.stop();
  expect({ ended, closed: closed(), told }).toEqual({ ended: true, closed: 1, told: [] });
});
