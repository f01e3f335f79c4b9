import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SftpFolder } from '#channels/sftp.js';
import { startSftpPeer, type SftpPeer } from '../../../tests/support/sftp-peers.js';
import type { Door, DoorAnswer, Pickup } from './pickup.js';
import { sftpPickup } from './sftp-pickup.js';

interface Posted {
  path: string;
  contentType: string;
  body: string;
}

let peer: SftpPeer;
let pickup: Pickup;
let posted: Posted[];
let answer: (post: Posted) => Partial<DoorAnswer>;

const there = (name: string): string => join(peer.root, 'outgoing', name);
const leave = (name: string, text: string): void => writeFileSync(there(name), text);
const lying = (folder = ''): string[] =>
  readdirSync(there(folder), { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .sort();

const door: Door = {
  post: async (path, contentType, body) => {
    const post = { path, contentType, body: body.toString() };
    posted.push(post);
    return { status: 202, headers: {}, body: '{}', ...answer(post) };
  },
};
const look = (): Promise<number> => pickup.collect(door, new AbortController().signal);
/** A file is finished when two looks see it the same. */
const lookTwice = async (): Promise<number> => (await look()) + (await look());

beforeEach(async () => {
  peer = await startSftpPeer();
  mkdirSync(there(''));
  pickup = sftpPickup({ partner: 'chums', folder: new SftpFolder(peer.url('outgoing'), peer.access) });
  posted = [];
  answer = () => ({});
});
afterEach(async () => {
  await pickup.close();
  await peer.close();
});

describe('what a partner leaves in its folder', () => {
  it('goes to the door that it is for, and then aside', async () => {
    leave('a.json', '{"id":"1"}');
    leave('outcomes.2026-11.csv', 'x;y\n');
    leave('many.ndjson', '{}\n{}\n');
    leave('0198c0de-0000-7000-8000-000000000002.receipt', 'whatever');
    expect(await lookTwice()).toBe(4);
    expect(posted.sort((one, other) => (one.path < other.path ? -1 : 1))).toEqual([
      { path: '/v1/batches', contentType: 'application/x-ndjson', body: '{}\n{}\n' },
      { path: '/v1/batches?kind=outcomes', contentType: 'text/csv', body: 'x;y\n' },
      {
        path: '/v1/inbox/0198c0de-0000-7000-8000-000000000002/acknowledge',
        contentType: 'application/json',
        body: '{}',
      },
      { path: '/v1/messages', contentType: 'application/cloudevents+json', body: '{"id":"1"}' },
    ]);
    expect(lying()).toEqual([]);
    expect(lying('taken')).toEqual([
      '0198c0de-0000-7000-8000-000000000002.receipt',
      'a.json',
      'many.ndjson',
      'many.ndjson.answer.json',
      'outcomes.2026-11.csv',
      'outcomes.2026-11.csv.answer.csv',
    ]);
  });

  it('stays while it is being written', async () => {
    leave('a.json.part', '{"id"');
    leave('b.tmp', '{"id"');
    leave('half.json', '{"id"');
    await look();
    leave('half.json', '{"id":"whole"}');
    expect(await look()).toBe(0);
    expect(posted).toEqual([]);
    renameSync(there('a.json.part'), there('a.json'));
    expect(await look()).toBe(1);
    expect(posted.map(({ body }) => body)).toEqual(['{"id":"whole"}']);
    expect(lying()).toEqual(['a.json', 'b.tmp']);
  });

  it('stays when it changes while the hub has it, and is handed in again', async () => {
    leave('a.json', '{"id":"1"}');
    answer = () => {
      if (posted.length === 1) leave('a.json', '{"id":"1","more":true}');
      return {};
    };
    expect(await lookTwice()).toBe(0);
    expect(lying()).toEqual(['a.json']);
    expect(await lookTwice()).toBe(1);
    expect(posted.map(({ body }) => body)).toEqual(['{"id":"1"}', '{"id":"1","more":true}']);
  });

  it('is passed over when it goes while it is read, and keeps no other waiting', async () => {
    leave('a.json', '{"id":"1"}');
    leave('b.json', '{"id":"2"}');
    await look();
    peer.whim?.((request, path) => {
      if (request === 'OPEN' && path.endsWith('/a.json') && existsSync(there('a.json')))
        renameSync(there('a.json'), there('c.json'));
      return undefined;
    });
    expect(await look()).toBe(1);
    expect(await lookTwice()).toBe(1);
    expect(posted.map(({ body }) => body)).toEqual(['{"id":"2"}', '{"id":"1"}']);
    expect(lying('taken')).toEqual(['b.json', 'c.json']);
  });

  it('goes to refused, with what was wrong beside it', async () => {
    leave('a.json', 'no json');
    answer = () => ({ status: 400, body: '{"code":"contract/not-json"}' });
    expect(await lookTwice()).toBe(1);
    expect(lying('refused')).toEqual(['a.json', 'a.json.problem.json']);
    expect(readFileSync(there('refused/a.json.problem.json'), 'utf8')).toBe('{"code":"contract/not-json"}');
  });

  it('is refused without a reading when it is too large', async () => {
    leave('a.csv', 'x'.repeat(10 * 1024 * 1024 + 1));
    expect(await lookTwice()).toBe(1);
    expect(posted).toEqual([]);
    expect(lying('refused')).toEqual(['a.csv', 'a.csv.problem.json']);
  });

  it.each([429, 500, 503, 401])('stays while the hub answers %i', async (status) => {
    leave('a.json', '{"id":"1"}');
    answer = () => ({ status });
    await look();
    await expect(look()).rejects.toMatchObject({ name: 'HubNotReady', code: String(status) });
    expect(lying()).toEqual(['a.json']);
    answer = () => ({});
    expect(await look()).toBe(1);
  });

  it('keeps no other waiting when the hub cannot take it, until the hub takes none of several', async () => {
    for (const n of [1, 2, 3, 4]) leave(`${n}.json`, JSON.stringify({ id: `${n}` }));
    answer = ({ body }) => (body.includes('"1"') ? { status: 500 } : {});
    expect(await lookTwice()).toBe(3);
    expect(lying()).toEqual(['1.json']);

    for (const n of [5, 6, 7]) leave(`${n}.json`, JSON.stringify({ id: `${n}` }));
    answer = () => ({ status: 503 });
    await look().catch(() => 0);
    posted = [];
    await expect(look()).rejects.toMatchObject({ name: 'HubNotReady' });
    expect(posted).toHaveLength(3);
  });

  it('may come again under the same name', async () => {
    for (const text of ['{"id":"1"}', '{"id":"1"}']) {
      leave('a.json', text);
      expect(await lookTwice()).toBe(1);
    }
    expect(lying('taken')).toHaveLength(2);
    expect(posted).toHaveLength(2);
  });

  it('goes back unread when it came under the name of another just as that was moved', async () => {
    leave('a.json', '{"id":"1"}');
    await look();
    let another = false;
    peer.whim?.((request) => {
      if (request === 'RENAME' && !another) {
        leave('a.json', '{"id":"another"}');
        another = true;
      }
      return undefined;
    });
    expect(await look()).toBe(0);
    expect([lying(), lying('taken')]).toEqual([['a.json'], []]);
    expect(await lookTwice()).toBe(1);
    expect(posted.map(({ body }) => body)).toEqual(['{"id":"1"}', '{"id":"another"}']);
  });

  it('is handed in once, whatever it is called', async () => {
    const long = `${'n'.repeat(245)}.json`;
    const receipt = 'a%2f..%2f..%2fmessages.receipt';
    leave(long, '{"id":"1"}');
    leave(receipt, '');
    mkdirSync(there('folder.json'));
    answer = () => ({ status: 404, body: '{"code":"infrastructure/not-found"}' });
    expect(await lookTwice()).toBe(2);
    expect(await lookTwice()).toBe(0);
    expect(posted.map(({ path }) => path).sort()).toEqual([
      '/v1/inbox/a%252f..%252f..%252fmessages/acknowledge',
      '/v1/messages',
    ]);
    expect(lying('refused').map((name) => name.replace(/^n+~[0-9a-f]{16}/, 'n~'))).toEqual([
      receipt,
      `${receipt}.problem.json`,
      'n~.json',
      'n~.json.problem.json',
    ]);
  });

  it('is passed over when another process moves it a moment before', async () => {
    mkdirSync(there('taken'));
    leave('a.json', '{"id":"1"}');
    await look();
    peer.whim?.((request) => {
      if (request === 'RENAME' && existsSync(there('a.json')))
        renameSync(there('a.json'), there('taken/a.json'));
      return undefined;
    });
    expect(await look()).toBe(0);
    expect([lying(), lying('taken')]).toEqual([[], ['a.json']]);
  });

  it('is moved and answered once where two look at the same folder', async () => {
    const other = sftpPickup({
      partner: 'chums',
      folder: new SftpFolder(peer.url('outgoing'), peer.access),
    });
    leave('outcomes.csv', 'x;y\n');
    leave('a.json', '{"id":"1"}');
    const both = async (): Promise<number> =>
      (await Promise.all([look(), other.collect(door, new AbortController().signal)])).reduce(
        (sum, taken) => sum + taken,
      );
    expect((await both()) + (await both())).toBe(2);
    expect([lying(), lying('taken')]).toEqual([[], ['a.json', 'outcomes.csv', 'outcomes.csv.answer.csv']]);
    await other.close();
  });

  it('keeps no other waiting when it cannot be moved', async () => {
    leave('a.json', '{"id":"1"}');
    leave('b.json', '{"id":"2"}');
    peer.whim?.((request, path) =>
      request === 'RENAME' && path.endsWith('a.json') ? { status: 3 } : undefined,
    );
    expect(await lookTwice()).toBe(1);
    expect(lying('taken')).toEqual(['b.json']);
    await expect(look()).rejects.toMatchObject({ status: 3 });
  });
});

it('takes all rows for what the configuration says that they are', async () => {
  const folder = new SftpFolder(peer.url('outgoing'), peer.access);
  const monthly = sftpPickup({ partner: 'kooth', folder, batch: 'digital-usage' });
  leave('November 2026.csv', 'x;y\n');
  for (let n = 0; n < 2; n += 1) await monthly.collect(door, new AbortController().signal);
  expect(posted).toMatchObject([{ path: '/v1/batches?kind=digital-usage' }]);
  await monthly.close();
});
