import { expect, it } from '@jest/globals';
import { htmlReport } from './html-report.js';
import type { Line, Report } from './report.js';

const line = (id: string, result: Line['result']): Line => ({
  id,
  title: `The check ${id}`,
  side: 'endpoint',
  expected: 'It is so.',
  result,
  observed: 'It answered <HTTP 200> & "more".',
});

const report = (checks: Line[]): Report => ({
  suite: 2,
  partner: 'salus',
  name: 'Salus',
  channel: 'http',
  when: '2026-11-22T10:00:00.000Z',
  against: 'simulator',
  passed: checks.every(({ result }) => result !== 'failed'),
  checks,
});

it('says first what somebody must mend, and leads there', () => {
  const html = htmlReport(report([line('proof', 'passed'), line('bad', 'failed')]));
  expect(html).toContain('<h1>Salus: conformance failed</h1>');
  expect(html.match(/<a href="#\w+">/g)).toEqual(['<a href="#bad">']);
  expect(html.indexOf('<a href="#bad">')).toBeLessThan(html.indexOf('<table>'));
  expect(html).toContain('id="bad"');
});

it('has nothing to mend where nothing failed', () => {
  expect(htmlReport(report([line('proof', 'passed')]))).not.toContain('To be mended');
});

it('shows what was observed as text, whatever it holds', () => {
  const html = htmlReport(report([line('proof', 'passed')]));
  expect(html).toContain('It answered &#60;HTTP 200&#62; &#38; &#34;more&#34;.');
});
