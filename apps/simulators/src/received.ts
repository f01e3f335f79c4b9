import type { DeliveredEnvelope } from '#contracts';

/** One delivery as a simulator knows it. Holds no payload. */
export interface Received {
  deliveryid: string;
  /** The messageId. */
  id: string;
  type: string;
  caseref?: string;
  /** How often a copy of it came. */
  count: number;
  /** How often it was processed; more than once is a double. */
  processed: number;
  /** The place of its first copy among all. */
  order: number;
}

/** What one simulator has received, by deliveryid, in the order of the first copies. */
export class ReceivedList {
  readonly #byId = new Map<string, Received>();

  all(): Received[] {
    return [...this.#byId.values()];
  }

  /** Notes one more copy; the entry tells whether it was processed before. */
  note({ deliveryid, id, type, caseref }: DeliveredEnvelope): Received {
    const known = this.#byId.get(deliveryid);
    if (known) {
      known.count += 1;
      return known;
    }
    const order = this.#byId.size + 1;
    const entry = { deliveryid, id, type, ...(caseref && { caseref }), count: 1, processed: 0, order };
    this.#byId.set(deliveryid, entry);
    return entry;
  }
}
