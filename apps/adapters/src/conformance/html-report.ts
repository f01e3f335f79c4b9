import type { Line, Report } from './report.js';

const RESULTS = { passed: '✓ passed', failed: '✗ failed', skipped: '– skipped' } as const;

const SIDES: [Line['side'], string][] = [
  ['endpoint', 'What this partner does with messages from the hub'],
  ['hub', 'What the hub does with messages from this partner'],
];

/** The report for people: one file that needs nothing beside it, and whose colours say nothing that its words do not. */
export function htmlReport(report: Report): string {
  const { name, partner, channel, when, suite, against, checks } = report;
  const count = (result: Line['result']): number => checks.filter((line) => line.result === result).length;
  return `<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(name)}: conformance ${report.passed ? 'passed' : 'failed'}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escape(name)}: ${report.passed ? 'conformance passed' : 'conformance failed'}</h1>
<p>${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped.
Everything was played with test messages about nobody. A skipped check had nothing to look at here; its last column says why.</p>
${whatFailed(checks.filter(({ result }) => result === 'failed'))}
<dl>
<dt>Partner</dt><dd>${escape(partner)}</dd>
<dt>Channel</dt><dd>${escape(channel)}</dd>
<dt>When</dt><dd><time datetime="${escape(when)}">${escape(when)}</time></dd>
<dt>Suite</dt><dd>version ${suite}</dd>
<dt>Played against</dt><dd>${against === 'simulator' ? 'the simulator of this partner, not the partner itself' : 'the partner’s endpoint'}</dd>
</dl>
${SIDES.map(([side, title]) =>
  section(
    title,
    checks.filter((line) => line.side === side),
  ),
).join('\n')}
</main>
</body>
</html>
`;
}

/** What somebody must mend, before all that is well. */
function whatFailed(lines: readonly Line[]): string {
  if (lines.length === 0) return '';
  return `<p>To be mended:</p>
<ul>${lines.map(({ id, title }) => `<li><a href="#${escape(id)}">${escape(title)}</a></li>`).join('')}</ul>`;
}

function section(title: string, lines: readonly Line[]): string {
  return `<table>
<caption>${title}</caption>
<thead><tr><th scope="col">Check</th><th scope="col">Result</th><th scope="col">Expected</th><th scope="col">Observed</th></tr></thead>
<tbody>
${lines.map(row).join('\n')}
</tbody>
</table>`;
}

function row({ id, title, result, expected, observed }: Line): string {
  return `<tr class="${result}" id="${escape(id)}"><th scope="row">${escape(title)}<br><code>${escape(id)}</code></th><td>${RESULTS[result]}</td><td>${escape(expected)}</td><td>${escape(observed)}</td></tr>`;
}

const escape = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);

const STYLE = `
body { font: 1rem/1.5 system-ui, sans-serif; margin: 0; color: #1b1b1b; background: #fff; }
main { max-width: 70rem; margin: 0 auto; padding: 1.5rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; }
dt { font-weight: 600; } dd { margin: 0; }
table { border-collapse: collapse; width: 100%; margin: 2rem 0; }
caption { text-align: left; font-size: 1.25rem; font-weight: 600; padding-bottom: .5rem; }
th, td { text-align: left; vertical-align: top; padding: .5rem; border-bottom: 1px solid #767676; }
tbody th { font-weight: 600; } code { font-weight: 400; }
.passed td:nth-of-type(1) { color: #00533e; } .failed td:nth-of-type(1) { color: #a3000c; font-weight: 700; }
@media (max-width: 40rem) { thead { position: absolute; clip-path: inset(50%); } tr, th, td { display: block; } }
`;
