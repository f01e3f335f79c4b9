import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { loadHubKeys } from '../../apps/hub/src/platform/sealing.js';
import { newCaseRef } from '../../apps/hub/src/cases/case-ref.js';
import { Bodies } from '../../apps/hub/src/store/sealing-keys.js';
import { requests, SENDER } from './messages.js';

export interface Seed {
  /** Deliveries to make; two a message. */
  deliveries: number;
  /** On the lanes of these partners. */
  partners: readonly string[];
  /** Messages of one case, one behind the other in its two lanes. */
  perCase: number;
}

const TABLES = {
  cases: 'case_ref, opened_by, opened_at, owner, owner_partner, due_at, next_seq',
  case_party: 'case_ref, partner',
  message_key: 'source, id, digest, message_id, receipt',
  message:
    'message_id, source, external_id, type, band, accepted_at, case_ref, case_seq, basis, answer, facts, decision',
  body: 'message_id, sealed',
  lane: 'partner, lane_key, next_seq, head',
  delivery:
    'delivery_id, message_id, partner, role, origin, type, band, asks, test, accepted_at, case_ref, case_seq, lane_key, lane_seq, state, due_at, owner, head_since',
  timeline: 'at, stations, message_id, case_ref, partner',
} as const;
type Table = keyof typeof TABLES;
type Cell = string | number | boolean | object | null;

/** Work that waits, as accept would have left it, by COPY; on it `hub check` passes. The database must hold the ledger. */
export async function seed(pool: pg.Pool, dataDir: string, folder: string, what: Seed): Promise<void> {
  const files = new Map(
    (Object.keys(TABLES) as Table[]).map((table) => [
      table,
      createWriteStream(join(folder, `${table}.copy`)),
    ]),
  );
  const put = (table: Table, row: readonly (Cell | undefined)[]): unknown => {
    const line = `${row.map((cell) => textOf(cell ?? null)).join('\t')}\n`;
    const file = files.get(table);
    return file?.write(line) ? undefined : file && once(file, 'drain');
  };
  const sealed = await new Bodies(pool, await loadHubKeys({ dataDir })).seal(uuidv7(), requests(640)());
  const cases = what.deliveries / 2 / what.perCase;
  for (let n = 0; n < cases; n += 1) {
    const pair = [0, 1].map((i) => what.partners[(2 * n + i) % what.partners.length] ?? '');
    for (const [table, row] of caseRows(pair, what.perCase, sealed)) await put(table, row);
  }
  for (const [table, file] of files) {
    file.end();
    await once(file, 'close');
    await pool.query(`copy ${table} (${TABLES[table]}) from '${join(folder, `${table}.copy`)}'`);
    await rm(join(folder, `${table}.copy`));
  }
  await pool.query('vacuum analyze');
}

/** One case with its messages, each to the same two partners. */
function* caseRows(
  pair: readonly string[],
  messages: number,
  sealed: Buffer,
): Generator<[Table, (Cell | undefined)[]]> {
  const caseRef = newCaseRef(randomBytes);
  const at = new Date().toISOString();
  yield ['cases', [caseRef, uuidv7(), at, 'front-door', 'nkm', later(28), messages]];
  for (const partner of [SENDER, ...pair]) yield ['case_party', [caseRef, partner]];
  const heads = pair.map(() => uuidv7());
  for (let seq = 1; seq <= messages; seq += 1) {
    const messageId = uuidv7();
    const type = 'mta.intervention.requested.v1';
    const source = `/partners/${SENDER}`;
    const decision = {
      recipients: pair.map((partner) => ({
        partner,
        role: `service-${partner}`,
        reasons: ['seed'],
        asks: true,
      })),
      blocked: [],
    };
    const digest = createHash('sha256').update(messageId).digest();
    yield ['message_key', [source, messageId, digest, messageId, '{}']];
    yield [
      'message',
      [
        messageId,
        source,
        messageId,
        type,
        1,
        at,
        caseRef,
        seq,
        'care-sharing-agreement',
        'request.decision',
        {},
        decision,
      ],
    ];
    yield ['body', [messageId, sealed]];
    yield ['timeline', [at, '{hub.received,hub.accepted,hub.routed}', messageId, caseRef, SENDER]];
    for (const [i, partner] of pair.entries()) {
      const head = seq === 1;
      yield [
        'delivery',
        [
          head ? heads[i] : uuidv7(),
          messageId,
          partner,
          `service-${partner}`,
          SENDER,
          type,
          1,
          true,
          false,
          at,
          caseRef,
          seq,
          caseRef,
          seq,
          head ? 'ready' : 'queued',
          at,
          'ops',
          head ? at : null,
        ],
      ];
    }
  }
  for (const [i, partner] of pair.entries()) yield ['lane', [partner, caseRef, messages, heads[i]]];
}

function later(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString();
}

/** A value in COPY's text form. */
function textOf(value: Cell): string {
  if (value === null) return '\\N';
  if (Buffer.isBuffer(value)) return `\\\\x${value.toString('hex')}`;
  if (typeof value === 'object') return JSON.stringify(value).replaceAll('\\', '\\\\');
  return String(value);
}
