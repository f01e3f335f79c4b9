import type { KeyObject } from 'node:crypto';
import type { Pool } from 'pg';
import { newDataKey, open, seal, unwrapDataKey, type HubKeys } from '../platform/sealing.js';

/** Seals and opens bodies with a data key per month, so that retention can drop a month's key with its partition. */
export class Bodies {
  private readonly keys = new Map<string, Promise<KeyObject>>();

  constructor(
    private readonly pool: Pool,
    private readonly sealing: HubKeys,
  ) {}

  /** @param messageId a UUIDv7: its month names the key */
  async seal(messageId: string, text: string): Promise<Buffer> {
    return seal(await this.keyOf(monthOf(messageId)), Buffer.from(text, 'utf8'));
  }

  async open(messageId: string, sealed: Buffer): Promise<string> {
    return open(await this.keyOf(monthOf(messageId)), sealed).toString('utf8');
  }

  private keyOf(month: string): Promise<KeyObject> {
    let key = this.keys.get(month);
    if (!key) {
      key = this.load(month);
      this.keys.set(month, key);
      key.catch(() => this.keys.delete(month));
    }
    return key;
  }

  private async load(month: string): Promise<KeyObject> {
    const made = newDataKey(this.sealing);
    await this.pool.query(
      'insert into sealing_key (month, kid, wrapped) values ($1, $2, $3) on conflict do nothing',
      [month, made.kid, made.wrapped],
    );
    const { rows } = await this.pool.query<{ kid: string; wrapped: Buffer }>(
      'select kid, wrapped from sealing_key where month = $1',
      [month],
    );
    const row = rows[0];
    if (!row) throw new Error(`The sealing key of ${month} is gone.`);
    return unwrapDataKey(this.sealing, row.kid, row.wrapped);
  }
}

/** The month of a UUIDv7, `YYYY-MM` in UTC. */
export function monthOf(messageId: string): string {
  const ms = Number.parseInt(messageId.replaceAll('-', '').slice(0, 12), 16);
  return new Date(ms).toISOString().slice(0, 7);
}
