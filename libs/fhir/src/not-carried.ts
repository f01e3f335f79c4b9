import { isJson } from './place.js';
import type { View } from './view.js';

type Json = Record<string, unknown>;

/** Something that a bundle says and the message does not. */
export interface NotCarried {
  /** JSON Pointer into the bundle: the whole element, where nothing of it was carried. */
  pointer: string;
  /** The resource that it stands in. */
  resourceType: string;
}

/** What a modifier does by its value; one that does neither is told as any other element is. */
type Effect = 'turns' | 'changes nothing' | 'tells';

const always = (): Effect => 'turns';
const unless =
  (granted: unknown) =>
  (value: unknown): Effect =>
    value === granted ? 'changes nothing' : 'turns';
const within =
  (resourceType: string) =>
  (_value: unknown, holder: Json): Effect =>
    holder['resourceType'] === resourceType ? 'turns' : 'tells';
/** Of a name, an identifier, an address or a contact route. */
const USES: ReadonlyMap<unknown, Effect> = new Map([
  ...['usual', 'official'].map((use) => [use, 'changes nothing'] as const),
  ...['old', 'temp', 'maiden', 'anonymous'].map((use) => [use, 'turns'] as const),
]);

/**
 * What FHIR R4 calls modifiers: elements that turn the meaning of the one that they stand in, here by what value they
 * do. An element that is not carried at all may hold any.
 */
export const MODIFIERS: Readonly<Record<string, (value: unknown, holder: Json) => Effect>> = {
  status: always,
  lifecycleStatus: always,
  intent: always,
  comparator: always,
  doNotPerform: unless(false),
  active: unless(true),
  deceasedBoolean: unless(false),
  deceasedDateTime: always,
  use: (value) => USES.get(value) ?? 'tells',
  link: within('Patient'),
  scope: within('Consent'),
};

/**
 * What was not read of a bundle, once its message has been. An element of which nothing was read is one; so what holds
 * it was read in part, and a modifier among them turns what is carried: that one is a complaint.
 */
export function notCarried(view: View): NotCarried[] {
  const told = new Set(view.complaints.map(({ pointer }) => pointer));
  const left = new Map<string, NotCarried>();
  for (const { pointer, holder, name, resourceType } of leftIn(view)) {
    if (told.has(pointer)) continue;
    const effect = Object.hasOwn(MODIFIERS, name) ? MODIFIERS[name]?.(holder[name], holder) : 'tells';
    if (effect === 'turns')
      view.complaints.push({
        issue: 'not-supported',
        diagnostics: 'This element would change the meaning of what is carried; it is not understood here.',
        pointer,
      });
    if (effect === 'tells') left.set(pointer, { pointer, resourceType });
  }
  return Array.from(left.values());
}

interface Left extends NotCarried {
  holder: Json;
  /** Its name in the element that holds it. */
  name: string;
}

function leftIn({ bundle, resources }: View): Left[] {
  const left: Left[] = [];
  const seen = bundle.seen;
  const types = new Map(
    resources.map(({ pointer, value }) => [pointer, String(value['resourceType'])] as const),
  );
  /** Whether anything of the value was read; what was not, of one that was in part, is left. */
  const visit = (value: unknown, pointer: string, resourceType: string): Visited => {
    if (seen.has(pointer)) return 'read';
    if (typeof value !== 'object' || value === null) return value === null ? 'empty' : 'unread';
    const type = types.get(pointer) ?? resourceType;
    const members = Object.entries(value).filter(
      ([name]) => !isBeside(name, value as Json, { pointer, seen }),
    );
    const found = members.map(([name, member]): [string, Visited] => [
      name,
      NAME.test(name) ? visit(member, `${pointer}/${name}`, type) : 'unread',
    ]);
    const isKnown = pointer === '' || seen.has(`${pointer}/resourceType`);
    const isRead = isKnown || found.some(([, each]) => each === 'read');
    if (!isRead) return found.some(([, each]) => each === 'unread') ? 'unread' : 'empty';
    for (const [name, each] of found) {
      if (each !== 'unread') continue;
      // A name that FHIR could not give may be anything, even a person's: the element that holds it must do.
      const at = NAME.test(name) ? `${pointer}/${name}` : pointer;
      left.push({ pointer: at, resourceType: types.get(at) ?? type, holder: value as Json, name });
    }
    return 'read';
  };
  visit(bundle.value, '', 'Bundle');
  return left;
}
type Visited = 'read' | 'unread' | 'empty';
const NAME = /^(\d+|_?[A-Za-z][A-Za-z0-9]{0,63})$/;

/** What is no content of a message: what FHIR needs to hold a resource, and words for a code that was read. */
function isBeside(
  name: string,
  holder: Json,
  { pointer, seen }: { pointer: string; seen: Set<string> },
): boolean {
  if (name === 'id') return true;
  if (name === 'display') return seen.has(`${pointer}/code`) || seen.has(`${pointer}/reference`);
  if (name === 'type' && seen.has(`${pointer}/reference`)) return true;
  if (pointer.endsWith('/meta') && name !== 'security') return true;
  if (typeof holder['resourceType'] !== 'string') return false;
  const isNarrative = name === 'text' && isJson(holder['text']) && holder['text']['status'] !== 'additional';
  const isAddress = holder['resourceType'] === 'MessageHeader' && ['source', 'destination'].includes(name);
  return isNarrative || isAddress || ['resourceType', 'language'].includes(name);
}
