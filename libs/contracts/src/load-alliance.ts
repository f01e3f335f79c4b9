import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import addFormatsModule from 'ajv-formats';
import type {
  Agreement,
  Alliance,
  Calendar,
  DirectoryEntry,
  Conformance,
  Partner,
  Policy,
  RoleAssignment,
  RouteSet,
} from './alliance.js';
import { checkAlliance } from './check-alliance.js';
import type { CodeList, CodeLists } from './code-lists.js';
import { projectRoot } from './project-root.js';
import { isEnabled, withSuccession } from './succession.js';

// ajv-formats is CommonJS: its function stands on `default` for TypeScript and is the module itself at run time.
const addFormats = addFormatsModule as unknown as typeof addFormatsModule.default;

/**
 * Reads and checks the alliance's data. Throws one Error that names every problem: file, JSON Pointer, what is right.
 * `contracts` are the names that `sends` and `reads` may use (`<type>.v<major>` or the envelope's `mta.…`); without them
 * those names are not checked.
 */
export function loadAlliance(
  folder: string = join(projectRoot(), 'config'),
  env: Record<string, string | undefined> = process.env,
  contracts?: Iterable<string>,
): Alliance {
  const problems: string[] = [];
  const read = reader(folder, problems);
  const partners = read<{ partners: Partner[] }>('partners.json');
  const roles = read<{ roles: RoleAssignment[] }>('roles.json');
  const routes = read<RouteSet>('routes.json');
  const agreements = read<{ agreements: Agreement[] }>('agreements.json');
  const policy = read<Policy>('policy.json');
  const directory = read<{ entries: DirectoryEntry[] }>('directory.json');
  const calendars = Object.fromEntries(
    filesOf(folder, 'calendars').map((file) => [
      basename(file, '.json'),
      read<Calendar>(file, 'calendars/calendar.schema.json'),
    ]),
  );
  const codeLists = Object.fromEntries(
    filesOf(folder, 'code-lists').map((file) => [
      basename(file, '.json'),
      read<CodeList>(file, codeListSchema(folder, file)),
    ]),
  );
  const conformance = Object.fromEntries(
    filesOf(folder, 'conformance').map((file) => [
      basename(file, '.json'),
      read<Conformance>(file, 'conformance/report.schema.json'),
    ]),
  );
  // Cross checks read all files together, so each must first have its shape.
  if (partners && roles && routes && agreements && policy && directory && problems.length === 0) {
    const alliance: Alliance = {
      partners: partners.partners.map((partner) => withUrl(partner, env)),
      roles: withSuccession(roles.roles),
      routes,
      agreements: agreements.agreements,
      policy,
      directory: directory.entries,
      calendars: calendars as Record<string, Calendar>,
      codeLists: codeLists as CodeLists,
      conformance: conformance as Record<string, Conformance>,
    };
    problems.push(...checkAlliance(alliance, env, contracts && new Set(contracts)));
    if (problems.length === 0) return { ...alliance, roles: alliance.roles.filter(isEnabled) };
  }
  throw new Error(
    `The alliance in ${folder} cannot be used:\n${problems.map((line) => `  - ${line}`).join('\n')}`,
  );
}

/** `PARTNER_BFB_LABS_URL` for `bfb-labs`. */
export function urlSetting(partner: string): string {
  return `PARTNER_${partner.toUpperCase().replaceAll('-', '_')}_URL`;
}

function withUrl(partner: Partner, env: Record<string, string | undefined>): Partner {
  const { [urlSetting(partner.id)]: url, [urlSetting(`${partner.id}-pickup`)]: place } = env;
  return {
    ...partner,
    ...(url && { url }),
    ...(place && partner.pickup && { pickup: { ...partner.pickup, url: place } }),
  };
}

/** The data files of one subfolder; none where there is no such folder. */
function filesOf(folder: string, part: string): string[] {
  if (!existsSync(join(folder, part))) return [];
  return readdirSync(join(folder, part))
    .filter((file) => file.endsWith('.json') && !file.endsWith('.schema.json'))
    .map((file) => `${part}/${file}`)
    .toSorted();
}

/** A list whose codes say more than a code and words has a schema of its own. */
function codeListSchema(folder: string, file: string): string {
  const own = file.replace(/\.json$/, '.schema.json');
  return existsSync(join(folder, own)) ? own : 'code-lists/code-list.schema.json';
}

type Read = <T>(file: string, schemaFile?: string) => T | undefined;

/** Reads one file and holds it against its schema. What is wrong goes to `problems`, and nothing comes back. */
function reader(folder: string, problems: string[]): Read {
  const ajv = new Ajv2020({
    strict: true,
    strictRequired: false,
    strictTypes: false,
    allErrors: true,
    code: { optimize: false },
  });
  addFormats(ajv);
  const parse = (file: string): unknown => {
    try {
      return JSON.parse(readFileSync(join(folder, file), 'utf8')) as unknown;
    } catch (error) {
      const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
      problems.push(
        missing ? `${file} is missing` : `${file} cannot be read as JSON: ${(error as Error).message}`,
      );
      return undefined;
    }
  };
  return <T>(file: string, schemaFile = file.replace(/\.json$/, '.schema.json')) => {
    const value = parse(file);
    const schema = parse(schemaFile);
    if (value === undefined || schema === undefined) return undefined;
    const validate = ajv.compile<T>(schema as object);
    if (validate(value)) return value;
    problems.push(...(validate.errors ?? []).filter(says).map((error) => `${file} ${inWords(error)}`));
    return undefined;
  };
}

/** That an `if` failed says nothing that its `then` does not say better. */
function says(error: ErrorObject): boolean {
  return error.keyword !== 'if';
}

function inWords({ instancePath, keyword, params, message }: ErrorObject): string {
  const more: Record<string, unknown> = {
    enum: params['allowedValues'],
    const: params['allowedValue'],
    additionalProperties: params['additionalProperty'],
  };
  const detail = more[keyword] === undefined ? '' : `: ${JSON.stringify(more[keyword])}`;
  const what = keyword === 'false schema' ? 'must not be there' : message;
  return `${instancePath || '/'} ${what}${detail}`;
}
