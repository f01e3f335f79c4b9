import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { projectRoot } from '#contracts';
import { CommandFailure, type Io } from './io.js';

export interface Credential {
  clientId: string;
  clientSecret: string;
}

/** `<HUB_DATA>/credentials.json` */
export function credentialsPath(env: Io['env']): string {
  return join(resolve(projectRoot(), env.HUB_DATA ?? '.data'), 'credentials.json');
}

/** The credentials of a partner, or of `ops`. Throws a failure that names those that there are. */
export function credentialOf(party: string, env: Io['env']): Credential {
  const path = credentialsPath(env);
  const all = readCredentials(path);
  const found = all[party];
  if (found?.clientId && found.clientSecret) return found;
  const parties = Object.keys(all).sort().join(', ');
  throw new CommandFailure(`${path} has no credentials for "${party}".`, `Take one of: ${parties}.`);
}

function readCredentials(path: string): Record<string, Credential> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw new CommandFailure(
      `${path} cannot be read.`,
      'Start the demo hub first (npm start), or set HUB_DATA to the folder of your hub.',
    );
  }
  try {
    return JSON.parse(text) as Record<string, Credential>;
  } catch {
    throw new CommandFailure(`${path} is not JSON.`, 'Mend it, or remove it and start the demo hub again.');
  }
}
