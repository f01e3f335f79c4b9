import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Outcome } from '#contracts';
import { putFileOnce } from '#channels/put-file.js';
import { SftpFolder, SftpStatus } from '#channels/sftp.js';
import { opensshIsHere, startOpenssh, startSftpPeer, type SftpPeer } from '../support/sftp-peers.js';

const BODY = Buffer.from('{"deliveryid":"d-1","word":"ü"}');
const inTime = (ms = 5_000): AbortSignal => AbortSignal.timeout(ms);

let peer: SftpPeer;
let drop: SftpFolder;
const inDrop = (): string[] => readdirSync(join(peer.root, 'drop')).sort();
const put = (signal = inTime()): Promise<Outcome> => putFileOnce(drop, 'd-1.json', BODY, signal);

async function setup(start: () => Promise<SftpPeer>): Promise<void> {
  peer = await start();
  mkdirSync(join(peer.root, 'drop'));
  drop = new SftpFolder(peer.url('drop'), peer.access);
}
afterEach(async () => {
  await drop.close();
  await peer.close();
});

const PEERS: [string, () => Promise<SftpPeer>][] = [
  ['ssh2', startSftpPeer],
  ...(opensshIsHere() ? ([['OpenSSH', startOpenssh]] as [string, () => Promise<SftpPeer>][]) : []),
];

describe.each(PEERS)('files on the SFTP server of %s', (_name, start) => {
  beforeEach(() => setup(start));

  it('are put whole, under their name alone', async () => {
    expect(await put()).toMatchObject({
      class: 'handed-over',
      arrived: 'yes',
      code: 'handed-over',
      evidence: { reference: 'd-1.json' },
    });
    expect(inDrop()).toEqual(['d-1.json']);
    expect(readFileSync(join(peer.root, 'drop', 'd-1.json'))).toEqual(BODY);
  });

  it('are put once, however often they come', async () => {
    await put();
    expect(await put()).toMatchObject({ class: 'handed-over', evidence: { note: 'it lay there already' } });
    expect(inDrop()).toEqual(['d-1.json']);
  });

  it('do not give way to others of the same name', async () => {
    writeFileSync(join(peer.root, 'drop', 'd-1.json'), 'something else');
    expect(await put()).toMatchObject({ class: 'refused-transient', arrived: 'no', code: 'unavailable' });
    expect(readFileSync(join(peer.root, 'drop', 'd-1.json'), 'utf8')).toBe('something else');
    expect(inDrop()).toEqual(['d-1.json']);
  });

  it('are put side by side over one connection', async () => {
    const names = Array.from({ length: 8 }, (_, n) => `d-${n}.json`);
    const outcomes = await Promise.all(names.map((name) => putFileOnce(drop, name, BODY, inTime())));
    expect(outcomes.map((outcome) => outcome.class)).toEqual(names.map(() => 'handed-over'));
    expect(inDrop()).toEqual(names);
  });

  it('can be listed, read and moved', async () => {
    await drop.write('a.csv', Buffer.from('x;y\n'), inTime());
    await drop.makeFolder('taken', inTime());
    await drop.makeFolder('taken', inTime());
    expect(await drop.list(inTime())).toMatchObject([{ name: 'a.csv', size: 4 }]);
    expect((await drop.read('a.csv', inTime())).toString()).toBe('x;y\n');
    await drop.move('a.csv', 'taken/a.csv', inTime());
    expect(await drop.list(inTime())).toEqual([]);
    expect(await drop.stat('a.csv', inTime())).toBeUndefined();
    await expect(drop.read('a.csv', inTime())).rejects.toEqual(new SftpStatus(2));
    await drop.write('a.csv', Buffer.from('z'), inTime());
    await expect(drop.move('a.csv', 'taken/a.csv', inTime())).rejects.toBeInstanceOf(SftpStatus);
  });

  it('are not given to a server with another host key', async () => {
    const elsewhere = new SftpFolder(peer.url('drop'), { ...peer.access, hostKeys: ['SHA256:another'] });
    expect(await putFileOnce(elsewhere, 'd-1.json', BODY, inTime())).toMatchObject({
      class: 'refused-auth',
      arrived: 'no',
      code: 'unauthorised',
      evidence: { note: 'its host key is none that we know' },
    });
    expect(inDrop()).toEqual([]);
  });

  it('are not taken from a stranger', async () => {
    const { hostKeys, user } = peer.access;
    const stranger = new SftpFolder(peer.url('drop'), { user, hostKeys, password: 'wrong' });
    expect(await putFileOnce(stranger, 'd-1.json', BODY, inTime())).toMatchObject({
      class: 'refused-auth',
      arrived: 'no',
      evidence: { note: 'it does not let us in' },
    });
  });

  it('wait while the folder is not there', async () => {
    const nowhere = new SftpFolder(peer.url('gone'), peer.access);
    expect(await putFileOnce(nowhere, 'd-1.json', BODY, inTime())).toMatchObject({
      class: 'refused-transient',
      arrived: 'no',
      code: 'unavailable',
    });
    await nowhere.close();
  });

  it('go over a new connection when the old one is gone', async () => {
    await put();
    await drop.close();
    expect(await putFileOnce(drop, 'd-2.json', BODY, inTime())).toMatchObject({ class: 'handed-over' });
  });
});

describe('an SFTP server that fails', () => {
  beforeEach(() => setup(startSftpPeer));

  it.each<[string, string, Parameters<NonNullable<SftpPeer['whim']>>[0], Partial<Outcome>, string[]]>([
    [
      'a full disk',
      'nothing has arrived',
      (request) => (request === 'WRITE' ? { status: 4 } : undefined),
      { class: 'refused-transient', arrived: 'no', code: 'unavailable' },
      [],
    ],
    [
      'a folder that may not be written',
      'our right is missing',
      (request) => (request === 'OPEN' ? { status: 3 } : undefined),
      { class: 'refused-auth', arrived: 'no', code: 'unauthorised' },
      [],
    ],
    [
      'a connection that breaks while the file is written',
      'nothing has arrived',
      (request) => (request === 'WRITE' ? 'cut' : undefined),
      { class: 'refused-transient', arrived: 'no', code: 'reset' },
      [],
    ],
    [
      'a connection that breaks after the rename',
      'it may have arrived',
      (request) => (request === 'RENAME' ? 'done-and-cut' : undefined),
      { class: 'refused-transient', arrived: 'maybe', code: 'reset' },
      ['d-1.json'],
    ],
  ])('%s: %s', async (_name, _means, whim, expected, left) => {
    peer.whim?.(whim);
    expect(await put()).toMatchObject(expected);
    expect(inDrop().filter((name) => !name.endsWith('.part'))).toEqual(left);
    // The next attempt goes its way, whatever the last one met.
    peer.whim?.(() => undefined);
    expect(await put()).toMatchObject({ class: 'handed-over' });
  });

  it.each([
    ['the write', 'WRITE', 'no'],
    ['the rename', 'RENAME', 'maybe'],
  ])('silence after %s ends with the time of the attempt', async (_name, silent, arrived) => {
    const time = new AbortController();
    peer.whim?.((request) => {
      if (request !== silent) return undefined;
      time.abort();
      return 'silence';
    });
    expect(await put(time.signal)).toMatchObject({ class: 'refused-transient', arrived, code: 'timeout' });
    peer.whim?.(() => undefined);
    expect(await put()).toMatchObject({ class: 'handed-over' });
  });

  it('nobody listens', async () => {
    await peer.close();
    expect(await put()).toMatchObject({
      class: 'refused-transient',
      arrived: 'no',
      code: 'connection-refused',
      evidence: { note: 'ECONNREFUSED' },
    });
  });
});
