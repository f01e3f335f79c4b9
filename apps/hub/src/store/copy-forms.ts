import { createHash } from 'node:crypto';
import type { Pool } from 'pg';

/** More than the forms of a busy day; past it the memory is simply begun anew. */
const REMEMBERED = 10_000;

/**
 * The forms of copies, each kept once under the digest of its text: nearly all copies share a few, so that the record of
 * a copy is one word more in a row that is written anyway.
 */
export class CopyForms {
  private readonly kept = new Set<string>();

  constructor(private readonly pool: Pool) {}

  /** Keeps what is new and answers the digest of each; they stand in the ledger when this resolves. */
  async keep(forms: readonly object[]): Promise<string[]> {
    const texts = forms.map((form) => JSON.stringify(form));
    const digests = texts.map(digestOf);
    const fresh = new Map(
      digests.flatMap((digest, i) => (this.kept.has(digest) ? [] : [[digest, texts[i] as string] as const])),
    );
    if (fresh.size > 0) {
      await this.pool.query(
        `insert into copy_form (digest, form) select * from unnest($1::text[], $2::jsonb[]) order by 1
         on conflict do nothing`,
        [[...fresh.keys()], [...fresh.values()]],
      );
      if (this.kept.size >= REMEMBERED) this.kept.clear();
      for (const digest of fresh.keys()) this.kept.add(digest);
    }
    return digests;
  }
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}
