import type { Pool } from 'pg';

/** One copy that left, or lay ready to be read: what it held and what it lacked. Never a value. */
export interface Disclosure {
  at: string;
  deliveryId: string;
  messageId: string;
  type: string;
  partner: string;
  attempt: number;
  /** Whether it reached the partner: `no` is a copy that the partner refused, `maybe` one of which no proof came. */
  arrived: 'yes' | 'maybe' | 'no';
  /** How the delivery stands now. */
  state: string;
  basis: {
    basis: string;
    agreement?: string;
    /** Messages whose consent statements let it out. */
    consent?: string[];
    /** It was cut down to the minimum for safety. */
    note?: string;
  };
  purposes: string[];
  fields: string[];
  leftOut: { pointer: string; why: string }[];
}

/** Who got what of a case, in order: staff see all, a partner its own. */
export async function readDisclosures(
  pool: Pool,
  caseRef: string,
  viewer: { partner: string | null },
): Promise<Disclosure[]> {
  const { rows } = await pool.query<Row>(
    `select * from (
       select distinct on (t.delivery_id, t.detail->>'attempt', t.detail->>'form')
         t.id, t.at, t.delivery_id as "deliveryId", t.message_id as "messageId", t.partner, t.detail, f.form,
         coalesce((select d.state from delivery d where d.delivery_id = t.delivery_id),
                  (select d.state from delivery_ended d where d.delivery_id = t.delivery_id limit 1)) as state
       from timeline t join copy_form f on f.digest = t.detail->>'form'
       where t.case_ref = $1 and ($2::text is null or t.partner = $2)
       -- An attempt of which proof came later is told by the proof.
       order by t.delivery_id, t.detail->>'attempt', t.detail->>'form', t.detail->>'arrived' = 'yes' desc, t.at) x
     order by at, id`,
    [caseRef, viewer.partner],
  );
  return rows.map(disclosureOf);
}

interface Row {
  at: Date;
  deliveryId: string;
  messageId: string;
  partner: string;
  state: string;
  detail: {
    attempt: number;
    arrived?: Disclosure['arrived'];
    consent?: string[];
    times?: Record<string, string>;
  };
  form: {
    type: string;
    ground: { basis: string; agreement?: string };
    note?: string;
    purposes: string[];
    fields: string[];
    leftOut: Disclosure['leftOut'];
  };
}

function disclosureOf({ at, detail, form, deliveryId, messageId, partner, state }: Row): Disclosure {
  const { consent } = detail;
  return {
    // When it left, not when it was settled.
    at: detail.times?.['wire.sent'] ?? at.toISOString(),
    deliveryId,
    messageId,
    type: form.type,
    partner,
    attempt: detail.attempt,
    arrived: detail.arrived ?? 'yes',
    state,
    basis: { ...form.ground, ...(consent?.length && { consent }), ...(form.note && { note: form.note }) },
    purposes: form.purposes,
    fields: form.fields,
    leftOut: form.leftOut,
  };
}
