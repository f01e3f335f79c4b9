import type { Complaint } from './complaint.js';
import { EXCHANGE_VERSION } from './names.js';

export type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** What a sender tells its own log by; both are echoed in every answer. */
export const ECHOED = ['X-Request-Id', 'X-Correlation-Id'] as const;

/**
 * The rules that BaRS has for the headers of a message: both ids are there and are UUIDs, and an answer that is asked
 * for at a version is asked for at one that we speak. `Accept` may say nothing of FHIR, as most HTTP clients do.
 */
export function checkHeaders(headers: Headers): Complaint[] {
  const complaints = ECHOED.flatMap((name): Complaint[] => {
    const value = textOf(headers, name);
    if (value === undefined || value === '')
      return [
        { issue: 'required', fault: 'contract/exchange', diagnostics: `The header ${name} is missing.` },
      ];
    if (isUuid(value)) return [];
    return [
      { issue: 'value', fault: 'contract/exchange', diagnostics: `The header ${name} must be a UUID.` },
    ];
  });
  if (acceptsUs(textOf(headers, 'Accept'))) return complaints;
  const diagnostics = `Answers are application/fhir+json at version ${EXCHANGE_VERSION}; the header Accept takes no such.`;
  return [...complaints, { issue: 'processing', fault: 'contract/not-acceptable', diagnostics }];
}

/** Versions follow semver: what has our major can be read by us. */
export const isSpoken = (version: string): boolean =>
  version.split('.')[0] === EXCHANGE_VERSION.split('.')[0] && /^\d+(\.\d+){0,2}$/.test(version);

export const isUuid = (text: string): boolean =>
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text);

function acceptsUs(accept: string | undefined): boolean {
  if (accept === undefined || accept.trim() === '') return true;
  return accept
    .toLowerCase()
    .split(',')
    .some((range) => {
      const [type, ...parameters] = range.split(';').map((part) => part.trim());
      const version = parameters.find((each) => each.startsWith('version='))?.slice('version='.length);
      const isOurs = ['application/fhir+json', 'application/json', 'application/*', '*/*'].includes(
        type ?? '',
      );
      return isOurs && (version === undefined || isSpoken(version.replaceAll('"', '')));
    });
}

function textOf(headers: Headers, name: string): string | undefined {
  const value = headers[name.toLowerCase()];
  return typeof value === 'string' ? value.trim() : undefined;
}
