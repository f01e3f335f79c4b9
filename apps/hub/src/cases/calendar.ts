import type { Calendar } from '#contracts';

/**
 * When a promise falls due. `duration` is ISO 8601 or working days (`P3WD`). Hours and minutes run by the clock, summer
 * time or not. Days, weeks, months and years keep the hour of the place. Working days count from the day after `from`
 * and end with the last moment of their last day. Without a calendar all time is elapsed, in UTC.
 * Throws a RangeError on anything else, which the checks at boot keep from happening.
 */
export function dueAt(from: Date, duration: string, calendar?: Calendar): Date {
  const zone = calendar?.zone ?? 'UTC';
  const workingDays = /^P(\d+)WD$/.exec(duration)?.[1];
  if (workingDays !== undefined) {
    if (!calendar) throw new RangeError(`${duration} needs a calendar that names working days`);
    return endOfDay(addWorkingDays(localOf(from, zone), Number(workingDays), calendar), zone);
  }
  const { years, months, days, ms } = partsOf(duration);
  if (years + months + days === 0) return new Date(from.getTime() + ms);
  const start = localOf(from, zone);
  const moved = { ...start, ...addToDate(start, years * 12 + months, days) };
  return new Date(instantOf(moved, zone).getTime() + ms);
}

/** The day of an instant at a place, `YYYY-MM-DD`; roles and agreements are resolved by it. */
export function dateIn(zone: string, instant: Date): string {
  return isoDate(localOf(instant, zone));
}

interface LocalDate {
  year: number;
  /** 1 to 12. */
  month: number;
  day: number;
}
interface Local extends LocalDate {
  /** Milliseconds since the day began, by the clock on the wall. */
  time: number;
}

const DURATION =
  /^P(?=.)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;

function partsOf(duration: string): { years: number; months: number; days: number; ms: number } {
  const match = DURATION.exec(duration);
  if (!match) throw new RangeError(`"${duration}" is no duration such as PT4H, P28D or P3WD`);
  const [years, months, weeks, days, hours, minutes, seconds] = match
    .slice(1)
    .map((part) => Number(part ?? 0)) as [number, number, number, number, number, number, number];
  return { years, months, days: weeks * 7 + days, ms: ((hours * 60 + minutes) * 60 + seconds) * 1000 };
}

/** More days in a row without work than any calendar has: a calendar with none would never end. */
const LONGEST_BREAK = 366;

function addWorkingDays(from: LocalDate, count: number, calendar: Calendar): LocalDate {
  let date = from;
  let left = count;
  let idle = 0;
  while (left > 0) {
    date = addToDate(date, 0, 1);
    const works = calendar.workingDays.includes(weekday(date)) && !calendar.holidays.includes(isoDate(date));
    idle = works ? 0 : idle + 1;
    if (idle > LONGEST_BREAK) throw new RangeError('the calendar has no working days');
    if (works) left -= 1;
  }
  return date;
}

/** Months first, the day cut to the month's last (31 January and a month is 28 February), then days. */
function addToDate(date: LocalDate, months: number, days: number): LocalDate {
  const month = date.year * 12 + (date.month - 1) + months;
  const last = new Date(Date.UTC(Math.floor(month / 12), (month % 12) + 1, 0)).getUTCDate();
  const moved = new Date(Date.UTC(Math.floor(month / 12), month % 12, Math.min(date.day, last) + days));
  return { year: moved.getUTCFullYear(), month: moved.getUTCMonth() + 1, day: moved.getUTCDate() };
}

/** 1 Monday to 7 Sunday. */
function weekday({ year, month, day }: LocalDate): number {
  return new Date(Date.UTC(year, month - 1, day)).getUTCDay() || 7;
}

function isoDate({ year, month, day }: LocalDate): string {
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

const DAY_MS = 86_400_000;

function endOfDay(date: LocalDate, zone: string): Date {
  return instantOf({ ...date, time: DAY_MS - 1 }, zone);
}

/** The clock on the wall at an instant. */
function localOf(instant: Date, zone: string): Local {
  const wall = new Date(instant.getTime() + offsetAt(instant.getTime(), zone));
  return {
    year: wall.getUTCFullYear(),
    month: wall.getUTCMonth() + 1,
    day: wall.getUTCDate(),
    time: wall.getTime() - Math.floor(wall.getTime() / DAY_MS) * DAY_MS,
  };
}

/** The instant at which the wall shows this; the first of two when clocks go back, the later hour when they go forward. */
function instantOf({ year, month, day, time }: Local, zone: string): Date {
  const wall = Date.UTC(year, month - 1, day) + time;
  const before = wall - offsetAt(wall - DAY_MS, zone);
  const after = wall - offsetAt(wall + DAY_MS, zone);
  // Both offsets of a change are tried; in a gap neither shows this hour, and the offset from before moves it on.
  const shown = [before, after].filter((instant) => instant + offsetAt(instant, zone) === wall);
  return new Date(shown.length > 0 ? Math.min(...shown) : before);
}

const formats = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, number>();
/** Clocks change on the quarter of an hour everywhere, so an offset holds for a whole one. */
const QUARTER_MS = 900_000;
/** Asking Intl is slow, and nearly all instants asked for are near to now; past this the memory is begun anew. */
const REMEMBERED = 5_000;

/** Milliseconds that a place is ahead of UTC at an instant. */
function offsetAt(instant: number, zone: string): number {
  if (zone === 'UTC') return 0;
  const quarter = Math.floor(instant / QUARTER_MS);
  const key = `${zone} ${quarter}`;
  let offset = offsets.get(key);
  if (offset === undefined) {
    offset = askOffset(quarter * QUARTER_MS, zone);
    if (offsets.size >= REMEMBERED) offsets.clear();
    offsets.set(key, offset);
  }
  return offset;
}

function askOffset(instant: number, zone: string): number {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-GB', { timeZone: zone, timeZoneName: 'longOffset' });
    formats.set(zone, format);
  }
  const name = format.formatToParts(instant).find((part) => part.type === 'timeZoneName')?.value ?? 'GMT';
  const match = /^GMT([+-])(\d{2}):(\d{2})$/.exec(name);
  if (!match) return 0;
  const [, sign, hours, minutes] = match;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}
