import type { Complaint } from './complaint.js';

type Json = Record<string, unknown>;

/**
 * A place in a bundle that we did not write. Reading never throws: what has the wrong shape reads as absent and leaves
 * a complaint that points to it, so that a misplaced value is refused and not silently lost.
 */
export class Place {
  constructor(
    readonly value: Json,
    /** JSON Pointer into the bundle. */
    readonly pointer: string,
    readonly complaints: Complaint[],
    /** Pointers of every value of the bundle that was read: what is not here was not carried. */
    readonly seen: Set<string> = new Set(),
  ) {}

  text(name: string): string | undefined {
    return this.see(name, 'a string', (value) => typeof value === 'string') as string | undefined;
  }

  number(name: string): number | undefined {
    return this.see(name, 'a number', (value) => typeof value === 'number') as number | undefined;
  }

  flag(name: string): boolean | undefined {
    return this.see(name, 'true or false', (value) => typeof value === 'boolean') as boolean | undefined;
  }

  /** Whether the element is just this; only then is it read. For telling one thing from another by what it says. */
  says(name: string, value: unknown): boolean {
    const isSo = Object.hasOwn(this.value, name) && this.value[name] === value;
    if (isSo) this.seen.add(`${this.pointer}/${name}`);
    return isSo;
  }

  child(name: string): Place | undefined {
    const value = this.read(name, 'an object', isJson) as Json | undefined;
    return value && this.at(value, name);
  }

  list(name: string): Place[] {
    const isList = (value: unknown): boolean => Array.isArray(value) && value.every(isJson);
    const items = (this.read(name, 'an array of objects', isList) ?? []) as Json[];
    return items.map((item, index) => this.at(item, `${name}/${index}`));
  }

  texts(name: string): string[] {
    const isList = (value: unknown): boolean =>
      Array.isArray(value) && value.every((item) => typeof item === 'string');
    return (this.see(name, 'an array of strings', isList) ?? []) as string[];
  }

  complain(issue: Complaint['issue'], diagnostics: string, name?: string): void {
    const pointer = name === undefined ? this.pointer : `${this.pointer}/${name}`;
    this.complaints.push({ issue, diagnostics, pointer });
  }

  private at(value: Json, path: string): Place {
    return new Place(value, `${this.pointer}/${path}`, this.complaints, this.seen);
  }

  private see(name: string, shape: string, fits: (value: unknown) => boolean): unknown {
    const value = this.read(name, shape, fits);
    if (value !== undefined) this.seen.add(`${this.pointer}/${name}`);
    return value;
  }

  private read(name: string, shape: string, fits: (value: unknown) => boolean): unknown {
    const value = Object.hasOwn(this.value, name) ? this.value[name] : undefined;
    if (value === undefined || fits(value)) return value;
    this.complain('structure', `This element must be ${shape}.`, name);
    return undefined;
  }
}

export const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
