import { pointerSegments, valueAt } from './annotations.js';
import type { ConsentRule, ConsentStatement, ConsentStatus } from './contract.js';

/** Reads the consent statements out of `data`. */
export type ConsentReader = (data: unknown) => ConsentStatement[];

/** What states something. `not-asked` and `unknown` do not, and must not cancel what was said before. */
const STATEMENTS: ReadonlySet<string> = new Set<ConsentStatus>([
  'given',
  'refused',
  'withdrawn',
  'limited',
  'expired',
]);

/**
 * Compiles the rules of `x-consent`. Each member is a pointer or a literal after `=`; a `*` in pointers runs over a
 * list, and all members of one rule stand at the same element. A rule of which a member is not there says nothing.
 */
export function consentReader(rules: readonly ConsentRule[]): ConsentReader {
  const readers = rules.map((rule) => ({
    list: listOf(rule),
    status: memberReader(rule.status),
    party: memberReader(rule.party),
    dataClass: memberReader(rule.dataClass),
    purpose: memberReader(rule.purpose),
  }));
  return (data) =>
    readers.flatMap((reader) => {
      const elements = reader.list === undefined ? ['0'] : indexesOf(valueAt(data, reader.list));
      return elements.flatMap((index) => {
        const status = reader.status(data, index);
        const party = reader.party(data, index);
        const dataClass = reader.dataClass(data, index);
        const purpose = reader.purpose(data, index);
        if (!status || !party || !dataClass || !purpose) return [];
        if (!STATEMENTS.has(status)) return [];
        return [{ status: status as ConsentStatus, party, dataClass, purpose }];
      });
    });
}

type MemberReader = (data: unknown, index: string) => string | undefined;

function memberReader(member: string): MemberReader {
  if (member.startsWith('=')) return () => member.slice(1);
  const segments = pointerSegments(member);
  return (data, index) => {
    const value = valueAt(
      data,
      segments.map((segment) => (segment === '*' ? index : segment)),
    );
    return typeof value === 'string' ? value : undefined;
  };
}

/** The list that the rule's `*` runs over; undefined where no member has one. */
function listOf(rule: ConsentRule): string[] | undefined {
  const member = Object.values(rule as unknown as Record<string, string>).find((each) => each.includes('/*'));
  return member === undefined ? undefined : pointerSegments(member.slice(0, member.indexOf('/*')));
}

function indexesOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map((_element, index) => String(index)) : [];
}
