import type { Pool } from 'pg';

/**
 * Of several processes one at a time looks at what a partner leaves. Whoever has the turn keeps it by asking again in time;
 * `forMs` 0 gives it back. Answers whether it is the holder's.
 */
export async function takeTurn(
  pool: Pool,
  turn: { partner: string; holder: string; forMs: number },
): Promise<boolean> {
  const { rowCount } = await pool.query(
    `insert into pickup_turn as t (partner, holder, until)
     values ($1, $2, ledger_now() + make_interval(secs => $3::double precision / 1000))
     on conflict (partner) do update set holder = excluded.holder, until = excluded.until
     where t.holder = excluded.holder or t.until <= ledger_now()
     returning 1`,
    [turn.partner, turn.holder, turn.forMs],
  );
  return rowCount === 1;
}
