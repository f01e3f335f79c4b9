import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The folder of the project: the nearest one above this file whose package.json is named `alliance-hub`. The same
 * from source and from `dist`, so that schemas and config need no copy in the build. Throws where there is none.
 */
export function projectRoot(from: string = dirname(fileURLToPath(import.meta.url))): string {
  for (let folder = from; ; folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    if (existsSync(file) && nameIn(file) === 'alliance-hub') return folder;
    if (folder === dirname(folder)) throw new Error(`No package.json named alliance-hub above ${from}.`);
  }
}

function nameIn(file: string): unknown {
  return (JSON.parse(readFileSync(file, 'utf8')) as { name?: unknown }).name;
}
