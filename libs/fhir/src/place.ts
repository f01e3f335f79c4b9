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
  ) {}

  text(name: string): string | undefined {
    return this.read(name, 'a string', (value) => typeof value === 'string') as string | undefined;
  }

  number(name: string): number | undefined {
    return this.read(name, 'a number', (value) => typeof value === 'number') as number | undefined;
  }

  flag(name: string): boolean | undefined {
    return this.read(name, 'true or false', (value) => typeof value === 'boolean') as boolean | undefined;
  }

  child(name: string): Place | undefined {
    const value = this.read(name, 'an object', isJson) as Json | undefined;
    return value && new Place(value, `${this.pointer}/${name}`, this.complaints);
  }

  list(name: string): Place[] {
    const isList = (value: unknown): boolean => Array.isArray(value) && value.every(isJson);
    const items = (this.read(name, 'an array of objects', isList) ?? []) as Json[];
    return items.map((item, index) => new Place(item, `${this.pointer}/${name}/${index}`, this.complaints));
  }

  texts(name: string): string[] {
    const isList = (value: unknown): boolean =>
      Array.isArray(value) && value.every((item) => typeof item === 'string');
    return (this.read(name, 'an array of strings', isList) ?? []) as string[];
  }

  complain(issue: Complaint['issue'], diagnostics: string, name?: string): void {
    const pointer = name === undefined ? this.pointer : `${this.pointer}/${name}`;
    this.complaints.push({ issue, diagnostics, pointer });
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
