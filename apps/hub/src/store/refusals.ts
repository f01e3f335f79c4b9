import type { Pool } from 'pg';

/** An authenticated intake that was no valid contract. Paths and keywords are the schema's, never the sender's words. */
export interface Refusal {
  refusalId: string;
  partner: string;
  code: string;
  type: string | null;
  externalId: string | null;
  size: number;
  digest: Buffer;
  paths: string[];
  keywords: string[];
  sealed: Buffer | null;
  month: string | null;
}

/** Refusals of one partner that are kept singly in one hour; more are only counted. */
const KEPT_AN_HOUR = 1_000;

/** Keeps the refusal once; over the hour's number it is counted on the latest row. */
export async function recordRefusal(pool: Pool, refusal: Refusal): Promise<void> {
  await pool.query(
    `with hour as (
       select count(*) as n from refusal where partner = $2 and at > ledger_now() - interval '1 hour'),
     counted as (
       update refusal set count = count + 1
       where refusal_id = (select refusal_id from refusal where partner = $2 order by at desc limit 1)
         and (select n from hour) >= ${KEPT_AN_HOUR})
     insert into refusal (refusal_id, at, partner, code, type, external_id, size, digest, paths, keywords, sealed, month)
     select $1, ledger_now(), $2, $3, $4, $5, $6, $7, $8, $9, $10, $11 from hour where n < ${KEPT_AN_HOUR}
     on conflict (refusal_id) do nothing`,
    [
      refusal.refusalId,
      refusal.partner,
      refusal.code,
      refusal.type,
      refusal.externalId,
      refusal.size,
      refusal.digest,
      refusal.paths,
      refusal.keywords,
      refusal.sealed,
      refusal.month,
    ],
  );
}

/** The latest refusals, without their bodies. */
export async function readRefusals(
  pool: Pool,
  options: { partner: string | null; limit: number },
): Promise<unknown[]> {
  const { rows } = await pool.query(
    `select refusal_id as "refusalId", at, partner, code, type, size, encode(digest, 'hex') as digest, paths, keywords, count
     from refusal where $1::text is null or partner = $1 order by at desc limit $2`,
    [options.partner, options.limit],
  );
  return rows;
}

/** Bodies of refusals are kept for seven days. */
export async function dropOldRefusalBodies(pool: Pool): Promise<void> {
  await pool.query(
    `update refusal set sealed = null where sealed is not null and at < ledger_now() - interval '7 days'`,
  );
}
