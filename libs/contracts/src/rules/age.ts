/** Completed years of life. Dates are `YYYY-MM-DD`; who is born on 29 February has the birthday on 1 March in other years. */
export function completedYears(birth: string, on: string): number {
  const years = Number(on.slice(0, 4)) - Number(birth.slice(0, 4));
  return on.slice(5) < birth.slice(5) ? years - 1 : years;
}

/** Where an age stands in the alliance's window. */
export type AgeWindow = 'below' | 'within' | 'extended' | 'above' | 'unknown';

/**
 * From the fifth birthday to the day of the nineteenth, that day included. With SEND, a diagnosis awaited among it, or
 * for a care leaver: until the day before the twenty-sixth (AMB-02, -03, -44, -46).
 */
export function ageWindow(birth: string | undefined, on: string, extended: boolean): AgeWindow {
  if (birth === undefined) return 'unknown';
  const years = completedYears(birth, on);
  if (years < 5) return 'below';
  if (years < 19 || isBirthday(birth, on, 19)) return 'within';
  return extended && years < 26 ? 'extended' : 'above';
}

/** The first day of a new year of life: the day on which it is completed and was not the day before. */
function isBirthday(birth: string, on: string, years: number): boolean {
  const before = new Date(Date.parse(`${on}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10);
  return completedYears(birth, on) === years && completedYears(birth, before) === years - 1;
}

/** A date of birth that is one; undefined where an answer such as `unknown` stands in its place. */
export function birthOf(dateOfBirth: string | undefined): string | undefined {
  return dateOfBirth !== undefined && /^\d{4}-/.test(dateOfBirth) ? dateOfBirth : undefined;
}
