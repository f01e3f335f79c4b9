/** What stands at the end of a path through JSON; an empty object or array counts as one. */
export type Leaf = string | number | boolean | null | typeof EMPTY_OBJECT | typeof EMPTY_ARRAY;
export const EMPTY_OBJECT: unique symbol = Symbol('{}');
export const EMPTY_ARRAY: unique symbol = Symbol('[]');

/** JSON Pointer (RFC 6901) → leaf. */
export type Leaves = Map<string, Leaf>;

/** Takes JSON apart into its leaves. Members that are undefined do not count. */
export function leavesOf(value: unknown, pointer = '', leaves: Leaves = new Map()): Leaves {
  if (Array.isArray(value)) {
    if (value.length === 0) leaves.set(pointer, EMPTY_ARRAY);
    value.forEach((item, index) => leavesOf(item, `${pointer}/${index}`, leaves));
  } else if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    if (members.length === 0) leaves.set(pointer, EMPTY_OBJECT);
    for (const [key, member] of members) leavesOf(member, `${pointer}/${escapeSegment(key)}`, leaves);
  } else if (value !== undefined) {
    leaves.set(pointer, value as Leaf);
  }
  return leaves;
}

/**
 * Puts JSON together from its leaves. Members named 0, 1, 2 … without a gap become an array, which is right because
 * no contract has an object with such keys. A leaf whose pointer runs through another's is left out; `whole` is false.
 */
export function assemble(leaves: Leaves): { value: unknown; whole: boolean } {
  const root: Branch = new Map();
  const whole = Array.from(leaves, ([pointer, leaf]) => plant(root, pointer, leaf)).every(Boolean);
  return { value: grow(root), whole };
}

function plant(root: Branch, pointer: string, leaf: Leaf): boolean {
  const segments = pointer.split('/').slice(1).map(unescapeSegment);
  const last = segments.pop() ?? '';
  let branch = root;
  for (const segment of segments) {
    const next = branch.get(segment) ?? new Map<string, Branch | Leaf>();
    if (!(next instanceof Map)) return false;
    branch.set(segment, next);
    branch = next;
  }
  if (branch.has(last)) return false;
  branch.set(last, leaf);
  return true;
}
type Branch = Map<string, Branch | Leaf>;

function grow(node: Branch | Leaf): unknown {
  if (node === EMPTY_OBJECT) return {};
  if (node === EMPTY_ARRAY) return [];
  if (!(node instanceof Map)) return node;
  const isArray =
    node.size > 0 && Array.from({ length: node.size }, (_, i) => String(i)).every((i) => node.has(i));
  if (isArray) return Array.from({ length: node.size }, (_, i) => grow(node.get(String(i)) as Branch | Leaf));
  // fromEntries defines `__proto__` as an ordinary member, which the limits then refuse with a pointer.
  return Object.fromEntries(Array.from(node, ([key, member]) => [key, grow(member)]));
}

const escapeSegment = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');
const unescapeSegment = (segment: string): string => segment.replaceAll('~1', '/').replaceAll('~0', '~');
