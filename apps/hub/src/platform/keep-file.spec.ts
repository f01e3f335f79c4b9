import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { keepFile, replaceFile } from './keep-file.js';

const homes: string[] = [];
afterEach(() => homes.splice(0).forEach((home) => rmSync(home, { recursive: true })));
function setup(): { home: string; path: string } {
  const home = mkdtempSync(join(tmpdir(), 'hub-keep-'));
  homes.push(home);
  return { home, path: join(home, 'below', 'secret') };
}

describe('a kept file', () => {
  it('is made once, for its owner alone, and read from then on', async () => {
    const { path } = setup();
    expect(await keepFile(path, () => 'first')).toBe('first');
    expect(await keepFile(path, () => 'second')).toBe('first');
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('is that of whoever was first when two make it at a time, and no draft stays', async () => {
    const { home, path } = setup();
    let faster = '';
    const slower = await keepFile(path, async () => {
      faster = await keepFile(path, () => 'faster');
      return 'slower';
    });
    expect([slower, faster]).toEqual(['faster', 'faster']);
    expect(readdirSync(join(home, 'below'))).toEqual(['secret']);
  });

  it('is replaced in one step, and stays its owner’s', async () => {
    const { path } = setup();
    await keepFile(path, () => 'old');
    await replaceFile(path, 'new');
    expect(await keepFile(path, () => 'never')).toBe('new');
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });
});
