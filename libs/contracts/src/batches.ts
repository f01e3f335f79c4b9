import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Partner } from './alliance.js';
import { pointerSegments } from './annotations.js';
import type { Contract, JsonSchema } from './contract.js';
import type { Contracts } from './contracts.js';

/** One kind of row that a partner may upload: a file of `config/batches`, held against its contract. */
export interface BatchKind {
  /** `outcomes`, the file's name. */
  id: string;
  title: string;
  contract: Contract;
  /** The column with the sender's own name for the row. */
  reference: string;
  /** What every row says without a column, by JSON Pointer into the envelope. */
  constants: Record<string, unknown>;
  columns: BatchColumn[];
}

export interface BatchColumn {
  name: string;
  means: string;
  /** JSON Pointer into the envelope; absent for the reference. */
  to?: string;
  type: 'text' | 'word' | 'integer' | 'number' | 'yes-no' | 'date';
  required?: boolean;
}

/** What of the envelope itself a row may say. */
const ENVELOPE = ['/caseref', '/partnercaseref', '/sharingbasis', '/subject'];

/** Reads and checks `config/batches`. Throws one Error that names every problem: file, place, what is right. */
export function loadBatches(
  folder: string,
  contracts: Pick<Contracts, 'get'>,
  partners: readonly Partner[] = [],
): ReadonlyMap<string, BatchKind> {
  const problems: string[] = [];
  const kinds = filesOf(join(folder, 'batches')).flatMap(
    (file) =>
      readKind(file, contracts, (problem) => problems.push(`batches/${basename(file)} ${problem}`)) ?? [],
  );
  const byId = new Map(kinds.map((kind) => [kind.id, kind]));
  for (const { id, pickup } of partners)
    if (pickup?.batch !== undefined && !byId.has(pickup.batch))
      problems.push(
        `partners.json: the pickup of ${id} names "${pickup.batch}", which is no file of batches/`,
      );
  if (problems.length > 0)
    throw new Error(
      `The rows of ${folder} cannot be used:\n${problems.map((line) => `  - ${line}`).join('\n')}`,
    );
  return byId;
}

function filesOf(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json') && !name.endsWith('.schema.json'))
    .toSorted()
    .map((name) => join(folder, name));
}

type Say = (problem: string) => void;

function readKind(file: string, contracts: Pick<Contracts, 'get'>, say: Say): BatchKind | undefined {
  const read = (path: string): object => JSON.parse(readFileSync(path, 'utf8')) as object;
  const validate = new Ajv2020({ strict: true, allErrors: true, strictRequired: false }).compile<
    Omit<BatchKind, 'contract' | 'constants'> & { contract: string; constants?: Record<string, unknown> }
  >(read(join(file, '../batch.schema.json')));
  const value: unknown = read(file);
  if (!validate(value)) {
    for (const error of validate.errors ?? []) say(`${error.instancePath || '/'} ${error.message}`);
    return undefined;
  }
  const contract = contracts.get(`mta.${value.contract}`);
  if (!contract) {
    say(`/contract "${value.contract}" is no contract of schemas/`);
    return undefined;
  }
  const kind: BatchKind = {
    ...value,
    id: basename(file, '.json'),
    contract,
    constants: value.constants ?? {},
  };
  checkColumns(kind, say);
  return kind;
}

function checkColumns({ contract, columns, constants, reference }: BatchKind, say: Say): void {
  const names = columns.map(({ name }) => name);
  if (new Set(names).size < names.length) say('/columns has two of one name');
  const own = columns.find(({ name }) => name === reference);
  if (!own?.required || own.to !== undefined) say(`/reference must be a required column without "to"`);
  for (const { name, to, type } of columns) {
    if (name === reference) continue;
    if (to === undefined) say(`/columns: ${name} fills no place`);
    else if (!fits(schemaAt(contract, to), type)) say(`/columns: ${name} cannot fill ${to} with ${type}`);
  }
  for (const pointer of Object.keys(constants))
    if (!schemaAt(contract, pointer)) say(`/constants: ${contract.name} has no ${pointer}`);
  const filled = [
    ...Object.keys(constants),
    ...columns.flatMap(({ to, required }) => (required && to) || []),
  ];
  for (const needed of (contract.schema['required'] ?? []) as string[])
    if (!filled.some((pointer) => `${pointer}/`.startsWith(`/data/${needed}/`)))
      say(`/columns: nothing is sure to fill /data/${needed}, which the contract requires`);
}

/** What the contract says of a place; a number in the pointer stands for an element of a list. */
function schemaAt(contract: Contract, pointer: string): JsonSchema | undefined {
  if (ENVELOPE.includes(pointer)) return { type: 'string' };
  const [root, ...segments] = pointerSegments(pointer);
  if (root !== 'data') return undefined;
  return segments.reduce<JsonSchema | undefined>(
    (at, segment) =>
      (/^\d+$/.test(segment)
        ? at?.['items']
        : (at?.['properties'] as Record<string, unknown> | undefined)?.[segment]) as JsonSchema | undefined,
    contract.schema,
  );
}

function fits(schema: JsonSchema | undefined, type: BatchColumn['type']): boolean {
  const wanted = schema?.['type'];
  if (type === 'integer') return wanted === 'integer' || wanted === 'number';
  if (type === 'number') return wanted === 'number';
  return wanted === (type === 'yes-no' ? 'boolean' : 'string');
}
