import { describe, expect, it } from '@jest/globals';
import type { Contract } from '#contracts';
import { alertsOf, type Told } from './alerts-of.js';
import type { ValidMessage } from './validate.js';

const told: Told = {
  messageId: 'm-1',
  placement: { in: 'none' },
  cause: null,
  deliveries: [],
  mendDataBy: '2026-06-22T10:00:00.000Z',
};
const finding = (severity?: 'quality' | 'refuse') => ({
  pointer: '/data/a',
  keyword: 'a',
  message: 'A.',
  schemaPath: '#/a',
  ...(severity && { severity }),
});

function aMessage(safety: boolean, findings: ValidMessage['findings'], testflag = false): ValidMessage {
  return {
    partner: 'ylf',
    contract: { type: 'a', title: 'Referral', safety } as Contract,
    envelope: { specversion: '1.0', id: 'a', source: '/partners/ylf', type: 'mta.a.v1', testflag, data: {} },
    findings,
  };
}
const kinds = (...args: Parameters<typeof aMessage>) =>
  alertsOf(aMessage(...args), told).map(({ kind, owner, severity }) => [kind, owner, severity]);

describe('what is to be mended in a message', () => {
  const task = ['data-quality', 'front-door', 'info'];

  it('is one task of the front door with a due time, however many findings there are', () => {
    expect(alertsOf(aMessage(false, [finding('quality'), finding('quality')]), told)).toEqual([
      {
        key: 'data-quality:m-1',
        severity: 'info',
        kind: 'data-quality',
        owner: 'front-door',
        text: 'Referral of ylf was taken and is to be completed or mended in 2 places. Ask them.',
        dueAt: '2026-06-22T10:00:00.000Z',
      },
    ]);
    expect(kinds(false, [])).toEqual([]);
  });

  it('wakes the clinical lead only where a safety message is unsound', () => {
    expect(kinds(true, [finding('quality')])).toEqual([task]);
    const lead = ['safety.findings', 'clinical-lead', 'urgent'];
    expect(kinds(true, [finding()])).toEqual([lead, task]);
    expect(kinds(true, [finding('refuse')])).toEqual([lead, task]);
  });

  it('is nobody’s task in a test message', () => {
    expect(kinds(true, [finding()], true)).toEqual([]);
  });
});
