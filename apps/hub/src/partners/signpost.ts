import type { Area, DirectoryEntry } from '#contracts';

/**
 * What somebody of this age in this area may be told of. What is for Kent alone is not offered in Medway as if it were
 * local, nor the other way round; what is switched off, to nobody. Pure.
 */
export function signpost(
  directory: readonly DirectoryEntry[],
  { area, age }: { area?: Exclude<Area, 'both'>; age?: number },
): DirectoryEntry[] {
  return directory.filter(
    (entry) =>
      entry.enabled !== false &&
      (area === undefined || entry.area === 'both' || entry.area === area) &&
      (age === undefined || ((entry.ages?.from ?? 0) <= age && age <= (entry.ages?.to ?? Infinity))),
  );
}
