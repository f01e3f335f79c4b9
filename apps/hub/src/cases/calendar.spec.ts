import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { loadAlliance, type Calendar } from '#contracts';
import { dateIn, dueAt } from './calendar.js';

const england = loadAlliance(undefined, {}).calendars['england'] as Calendar;
const LONDON = 'Europe/London';

/** An instant as London's clocks show it, `2026-04-08 10:00`. */
function inLondon(instant: Date): string {
  return new Intl.DateTimeFormat('sv-SE', {
    timeZone: LONDON,
    dateStyle: 'short',
    timeStyle: 'short',
  }).format(instant);
}

describe('working days in England', () => {
  it.each([
    ['2026-04-01T09:00:00Z', '2026-04-08', '2026-04-10', '2026-04-29'],
    ['2026-04-02T09:00:00Z', '2026-04-09', '2026-04-13', '2026-04-30'],
    ['2026-04-04T09:00:00Z', '2026-04-09', '2026-04-13', '2026-05-02'],
    ['2026-05-22T09:00:00Z', '2026-05-28', '2026-06-01', '2026-06-19'],
    ['2026-12-23T09:00:00Z', '2026-12-30', '2027-01-04', '2027-01-20'],
  ])('received %s: three on %s, five on %s, 28 days on %s', (received, three, five, days) => {
    const from = new Date(received);
    expect(dateIn(LONDON, dueAt(from, 'P3WD', england))).toBe(three);
    expect(dateIn(LONDON, dueAt(from, 'P5WD', england))).toBe(five);
    expect(dateIn(LONDON, dueAt(from, 'P28D', england))).toBe(days);
  });

  it('last to the end of the last day, in summer and in winter', () => {
    expect(dueAt(new Date('2026-07-06T09:00:00Z'), 'P1WD', england).toISOString()).toBe(
      '2026-07-07T22:59:59.999Z',
    );
    expect(dueAt(new Date('2026-12-07T09:00:00Z'), 'P1WD', england).toISOString()).toBe(
      '2026-12-08T23:59:59.999Z',
    );
  });

  it('count from the day in London, not in UTC', () => {
    // 23:30 UTC on Monday is already Tuesday in summer.
    expect(dateIn(LONDON, dueAt(new Date('2026-07-06T23:30:00Z'), 'P1WD', england))).toBe('2026-07-08');
  });

  it.each(['2027-12-24', '2028-04-13'])('pass over the holidays after %s', (eve) => {
    const due = dateIn(LONDON, dueAt(new Date(`${eve}T12:00:00Z`), 'P1WD', england));
    expect(due).toBe({ '2027-12-24': '2027-12-29', '2028-04-13': '2028-04-18' }[eve]);
  });
});

describe('hours', () => {
  it.each([
    ['2026-06-12T16:45:00Z', '2026-06-12 21:45'],
    ['2026-04-03T15:30:00Z', '2026-04-03 20:30'],
    ['2026-10-24T23:30:00Z', '2026-10-25 03:30'],
    ['2027-03-27T23:30:00Z', '2027-03-28 04:30'],
  ])('four from %s end at %s, clocks going back or forward', (received, due) => {
    expect(inLondon(dueAt(new Date(received), 'PT4H', england))).toBe(due);
    expect(inLondon(dueAt(new Date(received), 'PT4H'))).toBe(due);
  });
});

describe('days, months and years', () => {
  it.each([
    // The hour stays when the clocks go back and forward.
    ['2026-10-24T09:00:00Z', 'P1D', '2026-10-25 10:00'],
    ['2027-03-27T10:00:00Z', 'P1D', '2027-03-28 10:00'],
    // An hour that the clocks leap over moves on; of an hour that comes twice it is the first.
    ['2027-03-27T01:30:00Z', 'P1D', '2027-03-28 02:30'],
    ['2026-10-24T00:30:00Z', 'P1D', '2026-10-25 01:30'],
    ['2026-01-31T09:00:00Z', 'P1M', '2026-02-28 09:00'],
    ['2028-02-29T09:00:00Z', 'P1Y', '2029-02-28 09:00'],
    ['2026-06-01T09:00:00Z', 'P1Y2M1W3DT4H5M6S', '2027-08-11 14:05'],
  ])('%s and %s is %s', (from, duration, due) => {
    expect(inLondon(dueAt(new Date(from), duration, england))).toBe(due);
  });

  it('takes the first of an hour that comes twice', () => {
    expect(dueAt(new Date('2026-10-24T00:30:00Z'), 'P1D', england).toISOString()).toBe(
      '2026-10-25T00:30:00.000Z',
    );
  });

  it('are elapsed time without a calendar', () => {
    expect(dueAt(new Date('2026-10-24T09:00:00Z'), 'P1D').toISOString()).toBe('2026-10-25T09:00:00.000Z');
  });
});

describe('what is no duration', () => {
  it.each(['', 'P', 'PT', 'P1', '4H', 'P1H', 'PT1D', 'P-1D', 'P1.5D', 'P2WDT1H', 'p1d'])('%j', (duration) => {
    expect(() => dueAt(new Date(0), duration, england)).toThrow(RangeError);
  });

  it('a number of working days without a calendar, or with one that has none', () => {
    expect(() => dueAt(new Date(0), 'P1WD')).toThrow(/calendar/);
    expect(() => dueAt(new Date(0), 'P1WD', { ...england, workingDays: [] })).toThrow(/no working days/);
  });
});

describe('what must hold for everything', () => {
  const instant = fc.date({ min: new Date('2026-01-01'), max: new Date('2028-11-30'), noInvalidDate: true });

  it('falls due on a working day, after exactly so many', () => {
    fc.assert(
      fc.property(instant, fc.integer({ min: 1, max: 15 }), (from, count) => {
        const due = dateIn(LONDON, dueAt(from, `P${count}WD`, england));
        expect(england.holidays).not.toContain(due);
        expect([0, 6]).not.toContain(new Date(due).getUTCDay());
        expect(workingDaysBetween(dateIn(LONDON, from), due)).toBe(count);
      }),
      { numRuns: 50 },
    );
  });

  it('never falls due before a shorter promise', () => {
    fc.assert(
      fc.property(instant, fc.nat(400), fc.constantFrom('D', 'WD', 'W'), (from, count, unit) => {
        const shorter = dueAt(from, `P${count}${unit}`, england).getTime();
        expect(dueAt(from, `P${count + 1}${unit}`, england).getTime()).toBeGreaterThan(shorter);
      }),
      { numRuns: 50 },
    );
  });
});

/** Counted on UTC noons, by another way than the code's. */
function workingDaysBetween(after: string, until: string): number {
  const days = (new Date(until).getTime() - new Date(after).getTime()) / 86_400_000;
  return Array.from(
    { length: days },
    (_, day) => new Date(new Date(after).getTime() + (day + 1) * 86_400_000),
  ).filter((day) => day.getUTCDay() % 6 !== 0 && !england.holidays.includes(day.toISOString().slice(0, 10)))
    .length;
}
