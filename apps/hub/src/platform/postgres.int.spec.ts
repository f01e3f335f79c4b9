import { afterEach, describe, expect, it } from '@jest/globals';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { eventually } from '../../../../tests/support/eventually.js';
import { createPool, startEmbeddedPostgres, type EmbeddedPostgres } from './postgres.js';

const homes: string[] = [];
const running: EmbeddedPostgres[] = [];

function setup(): { dataDir: string; start: () => Promise<EmbeddedPostgres> } {
  const home = mkdtempSync(join(tmpdir(), 'hub-postgres-'));
  chmodSync(home, 0o711);
  homes.push(home);
  const dataDir = join(home, 'data');
  const start = async () => {
    const postgres = await startEmbeddedPostgres({ dataDir });
    running.push(postgres);
    return postgres;
  };
  return { dataDir, start };
}

async function ask(url: string, sql: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return Object.values((await client.query<Record<string, unknown>>(sql)).rows[0] ?? {})[0];
  } finally {
    await client.end();
  }
}

afterEach(async () => {
  for (const postgres of running.splice(0)) await postgres.stop();
  for (const home of homes.splice(0)) rmSync(home, { recursive: true, force: true });
});

describe('the embedded PostgreSQL', () => {
  it('keeps what was committed over an orderly stop, durability on', async () => {
    const { dataDir, start } = setup();
    const first = await start();
    await ask(first.url, 'create table kept as select 42 as n');
    expect(await ask(first.url, 'show synchronous_commit')).toBe('on');
    expect(await ask(first.url, 'show fsync')).toBe('on');
    expect(await ask(first.url, 'show listen_addresses')).toBe('127.0.0.1');
    await first.stop();
    expect(existsSync(join(dataDir, 'postmaster.pid'))).toBe(false);

    const second = await start();
    expect(second.adopted).toBe(false);
    expect(await ask(second.url, 'select n from kept')).toBe(42);
  }, 60_000);

  it('adopts a cluster that outlived its hub', async () => {
    const { start } = setup();
    const first = await start();
    const again = await start();
    expect(again).toMatchObject({ adopted: true, pid: first.pid, port: first.port });
    expect(await ask(again.url, 'select 1')).toBe(1);
  }, 60_000);

  it('is started once by two that start it at a time', async () => {
    const { dataDir, start } = setup();
    // Left by a start that was killed.
    writeFileSync(`${dataDir}.starting`, '999999999');
    const [one, two] = await Promise.all([start(), start()]);
    expect(one.pid).toBe(two.pid);
    expect([one.adopted, two.adopted].sort()).toEqual([false, true]);
  }, 60_000);

  it('comes back after a kill of the postmaster', async () => {
    const { start } = setup();
    const first = await start();
    await ask(first.url, 'create table kept as select 42 as n');
    process.kill(first.pid, 'SIGKILL');
    const second = await start();
    expect(await ask(second.url, 'select n from kept')).toBe(42);
  }, 60_000);

  it('starts over the lock file of a process id that now belongs to another', async () => {
    const { dataDir, start } = setup();
    await (await start()).stop();
    writeFileSync(join(dataDir, 'postmaster.pid'), `${process.pid}\n${dataDir}\n1\n5432\n\n\n\nready\n`);
    const second = await start();
    expect(await ask(second.url, 'select 1')).toBe(1);
  }, 60_000);

  it('refuses another password', async () => {
    const { start } = setup();
    const { url } = await start();
    const wrong = new URL(url);
    wrong.password = 'wrong';
    await expect(ask(wrong.href, 'select 1')).rejects.toThrow('password authentication failed');
  }, 60_000);

  it('gives a pool that survives the loss of its connections', async () => {
    const { start } = setup();
    const { url } = await start();
    const pool = createPool(url, { max: 2, applicationName: 'hub-test', statementTimeoutMs: 1_000 });
    try {
      await pool.query('select 1');
      await ask(
        url,
        `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'hub-test'`,
      );
      await eventually(() => pool.query('select 1'));
      await expect(pool.query('select pg_sleep(5)')).rejects.toThrow('statement timeout');
    } finally {
      await pool.end();
    }
  }, 60_000);
});
