import { isDuplicate } from '#fhir';

/** What the hub answered to something that was handed in. */
export interface DoorAnswer {
  status: number;
  /** Names in lower case. */
  headers: Record<string, string>;
  body: string;
}

/**
 * The hub's own doors, used for a partner whose system leaves things where we fetch them. Posts under that partner's
 * credential; resolves only when the hub has answered, and throws when it cannot be reached.
 */
export interface Door {
  post(
    path: string,
    contentType: string,
    body: string | Buffer,
    headers?: Record<string, string>,
  ): Promise<DoorAnswer>;
}

/**
 * Fetches what a partner left for us and hands it in. It moves, deletes or acknowledges nothing before the hub's answer
 * (R1): whatever dies in between, the same thing is handed in again, and the hub knows it.
 */
export interface Pickup {
  readonly partner: string;
  /** One look; answers how many things it took in. Throws when the partner's place cannot be reached. */
  collect(door: Door, signal: AbortSignal): Promise<number>;
  close(): Promise<void>;
}

/** `taken`: the ledger has it. `refused`: it never will, and the refusal is recorded. `later`: hand it in again. */
export type DoorVerdict = 'taken' | 'refused' | 'later';

/** What follows from the status of a door's answer, for whoever handed something in. */
export function verdictOf({
  status,
  body = '',
}: Pick<DoorAnswer, 'status'> & Partial<DoorAnswer>): DoorVerdict {
  if ((status >= 200 && status < 300) || isDuplicate(status, body)) return 'taken';
  const final = status >= 400 && status < 500 && ![401, 408, 425, 429].includes(status);
  return final ? 'refused' : 'later';
}
