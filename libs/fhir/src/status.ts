import type { Shape } from './shapes.js';
import { link, type Link, say } from './sheet.js';

/**
 * A value of ours that FHIR's `status` can only tell in part: `status` gets the nearest code, and the exact one stands
 * in `path`. Read back, the two must agree; where only `status` is there, `plain` says what it surely means.
 */
export function status(
  pointer: string,
  nearest: Record<string, string>,
  plain: Record<string, string>,
  path: string,
  shape: Shape,
): Link {
  const exact = link(pointer, path, shape);
  return {
    write(leaves, base, resource) {
      const ours = leaves.get(base + pointer);
      if (typeof ours !== 'string' || !Object.hasOwn(nearest, ours)) return false;
      resource['status'] = nearest[ours];
      return exact.write(leaves, base, resource);
    },
    read(resource, base, said) {
      const theirs = resource.text('status') ?? '';
      exact.read(resource, base, said);
      const ours = said.get(base + pointer) ?? (Object.hasOwn(plain, theirs) ? plain[theirs] : undefined);
      if (ours === undefined || (typeof ours === 'string' && nearest[ours] !== theirs)) {
        resource.complain(
          'invariant',
          `This status, with what stands in ${path}, is no answer of this message.`,
          'status',
        );
      } else {
        say(said, base + pointer, ours, resource, 'status');
      }
    },
  };
}
