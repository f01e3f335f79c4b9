import type { Rule, RuleFinding } from './rule.js';

/** A place in the data and the day or moment that stands there, if any. */
export type Told = readonly [pointer: string, value: string | undefined];

/** What has happened bears no day that is still to come. */
export function happened<Data>(id: string, type: string, told: (data: Data) => readonly Told[]): Rule<Data> {
  return {
    id,
    type,
    check: (data, { today }) =>
      told(data)
        .filter(([, value]) => isAfter(value, today))
        .map(([pointer]) => refuse(pointer, 'lies in the future; say it when it has happened')),
  };
}

/** Days compare as text; a word such as `unknown` stands for no day. */
export function isAfter(value: string | undefined, day: string): boolean {
  const told = dayOf(value);
  return told !== undefined && told > day;
}

/** The day of a day or of a moment; a moment's in UTC, which is never later than the alliance's own. */
export function dayOf(value: string | undefined): string | undefined {
  if (value === undefined || !/^\d{4}-\d\d-\d\d/.test(value)) return undefined;
  return value.length === 10 ? value : new Date(value).toISOString().slice(0, 10);
}

export function refuse(pointer: string, message: string): RuleFinding {
  return { pointer, message, severity: 'refuse' };
}

export function note(pointer: string, message: string): RuleFinding {
  return { pointer, message, severity: 'quality' };
}
