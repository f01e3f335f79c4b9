import type { Contract, Finding } from './contract.js';

/** A versioned list of codes, `config/code-lists/<name>.json`. */
export interface CodeList<C extends ListedCode = ListedCode> {
  version: string;
  title: string;
  /** Where the codes come from. */
  source: string;
  /** `true`: a code that is not in it is taken and noted; `false`: it is refused. */
  open: boolean;
  codes: readonly C[];
}

export interface ListedCode {
  code: string;
  display: string;
}

/** By name, as contracts name them in `x-code-list`. */
export type CodeLists = Readonly<Record<string, CodeList>>;

/** Answers that stand in place of a code, in every list. */
const ANSWERS: readonly unknown[] = ['unknown', 'declined', 'not-asked'];

/** A property whose value, or each element of whose list, is a code. */
export interface CodedProperty {
  /** Segments of its pointer in `data`; `*` stands for every element of a list. */
  segments: readonly string[];
  list: string;
}

/** Throws one error that names every list that a contract speaks of and the alliance lacks. */
export function checkCodeListsKnown(
  contracts: readonly Pick<Contract, 'name' | 'codeLists'>[],
  lists: CodeLists,
): void {
  const problems = contracts.flatMap(({ name, codeLists }) =>
    Object.entries(codeLists)
      .filter(([, list]) => !Object.hasOwn(lists, list))
      .map(([pointer, list]) => `${name} ${pointer} names code-lists/${list}.json, which is missing`),
  );
  if (problems.length > 0)
    throw new Error(
      `The code lists do not fit the contracts:\n${problems.map((line) => `  - ${line}`).join('\n')}`,
    );
}

/** Codes that their list does not have. Lists that the alliance lacks are a mistake of boot, not of the sender. */
export function checkCodes(coded: readonly CodedProperty[], data: unknown, lists: CodeLists): Finding[] {
  return coded.flatMap(({ segments, list: name }) => {
    const list = lists[name];
    if (!list) throw new Error(`There is no code list "${name}".`);
    return valuesAt(data, segments, '/data')
      .filter(({ value }) => !ANSWERS.includes(value) && !list.codes.some(({ code }) => code === value))
      .map(({ pointer }) => ({
        pointer,
        keyword: 'code-list',
        message: `This is no code of the list ${name} (${list.version}).`,
        schemaPath: `#/code-list/${name}`,
        severity: list.open ? ('quality' as const) : ('refuse' as const),
      }));
  });
}

function valuesAt(
  value: unknown,
  segments: readonly string[],
  pointer: string,
): { pointer: string; value: unknown }[] {
  const [segment, ...rest] = segments;
  if (Array.isArray(value) && (segment === undefined || segment === '*'))
    return value.flatMap((element: unknown, index) => valuesAt(element, rest, `${pointer}/${index}`));
  if (segment === undefined) return value === undefined ? [] : [{ pointer, value }];
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, segment)) return [];
  return valuesAt((value as Record<string, unknown>)[segment], rest, `${pointer}/${segment}`);
}
