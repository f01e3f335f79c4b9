/**
 * Writes what is derived: the types of the contracts, and the pages on faults and states. With `--check` it writes
 * nothing, names every file that is out of step and ends with 1.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { compile } from 'json-schema-to-typescript';
import prettier from 'prettier';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const schemas = join(root, 'schemas');
const generated = join(root, 'libs/contracts/src/generated');
const NOTE = '// Generated from schemas/ by `npm run generate`. Change the schema, not this file.\n';

// Our sources import each other as `.js`, which they are only after a build; Node itself strips their types.
registerHooks({
  resolve: (specifier, context, next) => {
    if (!specifier.startsWith('.') || !context.parentURL?.endsWith('.ts')) return next(specifier, context);
    return next(specifier.replace(/\.js$/, '.ts'), context);
  },
});
const source = (name) => import(join(root, 'libs/contracts/src', name));

const files = new Map([...(await typeFiles()), ...(await pages())]);
const wrong = process.argv.includes('--check') ? outOfStep(files) : write(files);
if (wrong.length > 0) {
  console.error(`Out of step, run \`npm run generate\`:\n${wrong.map((file) => `- ${file}`).join('\n')}`);
  process.exitCode = 1;
}

/** One file of types for each contract and one for the shared definitions, each by its path in the project. */
async function typeFiles() {
  const { $defs } = readJson(join(schemas, 'shared/v1.json'));
  const shared = [];
  for (const [name, schema] of Object.entries($defs)) shared.push(await typeOf(schema, pascal(name)));
  const found = [['shared.v1.ts', NOTE + '\n' + shared.join('\n')]];
  const names = [];
  for (const type of contractTypes())
    for (const version of versionsOf(type)) {
      const name = `${pascal(type)}${version.toUpperCase()}`;
      const text = await typeOf(readJson(join(schemas, type, `${version}.json`)), name);
      found.push([`${type}.${version}.ts`, `${NOTE}${importsOf(text, Object.keys($defs))}\n${text}`]);
      names.push(`export type { ${name} } from './${type}.${version}.js';\n`);
    }
  found.push(['index.ts', `${NOTE}\n${names.join('')}export type * from './shared.v1.js';\n`]);
  return found.map(([name, text]) => [`libs/contracts/src/generated/${name}`, text]);
}

function typeOf(schema, name) {
  const { title: _title, ...untitled } = byName(schema);
  return compile(untitled, name, {
    additionalProperties: false,
    bannerComment: '',
    ignoreMinAndMaxItems: true,
    style: { singleQuote: true, printWidth: 110 },
  });
}

/** Puts the name of the shared type where a `$ref` stands, so that each shared type is written once. */
function byName(node) {
  if (Array.isArray(node)) return node.map(byName);
  if (typeof node !== 'object' || node === null) return node;
  if (typeof node.$ref === 'string')
    return { description: node.description, tsType: pascal(basename(node.$ref)) };
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, byName(value)]));
}

function importsOf(text, defs) {
  const used = defs.map(pascal).filter((name) => new RegExp(`\\b${name}\\b(\\[\\])?;`).test(text));
  return used.length === 0 ? '' : `import type { ${used.join(', ')} } from './shared.v1.js';\n`;
}

async function pages() {
  const style = { ...readJson(join(root, '.prettierrc.json')), parser: 'markdown' };
  const [faults, states, outcome] = [
    await source('faults.ts'),
    await source('states.ts'),
    await source('outcome.ts'),
  ];
  return [
    ['docs/faults.md', await prettier.format(faultsPage(faults), style)],
    ['docs/states.md', await prettier.format(statesPage(states, outcome), style)],
  ];
}

function faultsPage({ FAULTS, FAULT_KINDS }) {
  const rows = (kind) =>
    Object.entries(FAULTS)
      .filter(([code]) => code.startsWith(`${kind}/`))
      .map(([code, { status, means, remedy, owner }]) => [
        `\`${code}\``,
        status || '–',
        means,
        remedy,
        owner,
      ]);
  const section = (kind) =>
    `## ${kind}\n\n${table(['code', 'HTTP', 'what it means', 'what to do', 'whose it is'], rows(kind))}`;
  return `# Faults

Why something could not go on. The kinds are a closed set and the codes are stable. A fault without an HTTP status
answers no request: it parks or ends a delivery, and the last column says who answers for it.

Printed from \`libs/contracts/src/faults.ts\` by \`npm run generate\`.

${FAULT_KINDS.map(section).join('\n\n')}
`;
}

function statesPage({ DELIVERY_STATES, TRANSITIONS, ENDED_STATES }, { OUTCOME_CODES, RESTS_GATE }) {
  const states = Object.entries(DELIVERY_STATES).map(([state, means]) => [
    `\`${state}\``,
    ENDED_STATES.includes(state) ? 'ended' : 'live',
    means,
  ]);
  const moves = Object.entries(TRANSITIONS).flatMap(([from, next]) =>
    Object.entries(next).map(([to, why]) => [`\`${from}\``, `\`${to}\``, why]),
  );
  const codes = Object.entries(OUTCOME_CODES).map(([code, means]) => [
    `\`${code}\``,
    means,
    RESTS_GATE.includes(code) ? 'yes' : '',
  ]);
  return `# States of a delivery

Each recipient's copy of a message is a delivery with a life of its own. What stands in no row here cannot happen.

Printed from \`libs/contracts/src/states.ts\` and \`outcome.ts\` by \`npm run generate\`.

## States

${table(['state', 'life', 'what it means'], states)}

## What follows what

${table(['from', 'to', 'when'], moves)}

## How an attempt ends

${table(['code', 'what it means', 'the gate rests'], codes)}
`;
}

function table(head, rows) {
  const lines = [head, head.map(() => '---'), ...rows.map((cells) => cells.map(escaped))];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** `__proto__` is no bold word and `<id>` no tag; what stands between backticks needs no escape. */
function escaped(cell) {
  const parts = String(cell).split(/(`[^`]*`)/);
  return parts.map((part) => (part.startsWith('`') ? part : part.replace(/[_<|]/g, '\\$&'))).join('');
}

function write(wanted) {
  mkdirSync(generated, { recursive: true });
  for (const [file, text] of wanted) writeFileSync(join(root, file), text);
  return strays(wanted);
}

function outOfStep(wanted) {
  const differs = ([file, text]) =>
    !existsSync(join(root, file)) || readFileSync(join(root, file), 'utf8') !== text;
  return [...[...wanted].filter(differs).map(([file]) => file), ...strays(wanted)];
}

/** Generated files that no schema stands behind any more; removed by hand, so that nothing is lost unseen. */
function strays(wanted) {
  const there = existsSync(generated) ? readdirSync(generated) : [];
  return there
    .map((name) => `libs/contracts/src/generated/${name}`)
    .filter((file) => !wanted.has(file))
    .map((file) => `${file} (remove it)`);
}

function contractTypes() {
  return readdirSync(schemas, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !['envelope', 'shared'].includes(entry.name))
    .map((entry) => entry.name)
    .sort();
}

function versionsOf(type) {
  return readdirSync(join(schemas, type))
    .filter((file) => /^v\d+\.json$/.test(file))
    .map((file) => basename(file, '.json'))
    .sort();
}

function pascal(name) {
  return name.replace(/(^|[.-])([a-z])/g, (_all, _sign, letter) => letter.toUpperCase());
}

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}
