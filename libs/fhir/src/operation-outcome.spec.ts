import { describe, expect, it } from '@jest/globals';
import { FAULTS, type FaultCode, faultOf } from '#contracts';
import { operationOutcome, outcomeOfComplaints, outcomeOfFault, withRemark } from './operation-outcome.js';

const codesIn = (code: FaultCode): (string | undefined)[] | undefined =>
  operationOutcome(code, 'x').issue[0]?.details?.coding?.map((coding) => coding.code);

describe('operationOutcome', () => {
  it.each<[FaultCode, string, string]>([
    ['contract/not-json', 'REC_BAD_REQUEST', 'structure'],
    ['identity/no-token', 'REC_UNAUTHORIZED', 'login'],
    ['identity/foreign-source', 'REC_FORBIDDEN', 'forbidden'],
    ['contract/id-reused', 'REC_CONFLICT', 'conflict'],
    ['contract/too-large', 'REC_UNPROCESSABLE_ENTITY', 'too-long'],
    ['contract/media-type', 'REC_UNSUPPORTED_MEDIA_TYPE', 'not-supported'],
    ['contract/invalid', 'REC_UNPROCESSABLE_ENTITY', 'invalid'],
    ['identity/rate-limited', 'REC_TOO_MANY_REQUESTS', 'throttled'],
    ['infrastructure/unavailable', 'REC_UNAVAILABLE', 'transient'],
    ['defect/unexpected', 'REC_SERVER_ERROR', 'exception'],
  ])('says %s as %s with the issue %s', (code, error, issue) => {
    expect(codesIn(code)).toEqual([error, code]);
    expect(operationOutcome(code, 'x').issue[0]?.code).toBe(issue);
  });

  it('has a receiver code of its own for every status that a fault may answer with', () => {
    const statuses = new Set(Object.values(FAULTS).map((fault) => fault.status));
    statuses.delete(0);
    const unexpected = Object.entries(FAULTS).filter(
      ([code, { status }]) => status !== 0 && codesIn(code as FaultCode)?.[0] === 'REC_SERVER_ERROR',
    );
    expect(statuses.size).toBeGreaterThan(5);
    expect(unexpected.map(([, { status }]) => status)).toEqual(unexpected.map(() => 500));
  });

  it('points into the bundle by FHIRPath and into the JSON form by its pointer', () => {
    const { issue } = operationOutcome('contract/invalid', 'is missing', 'warning', [
      '/entry/3/resource/name/0',
      '/data/to',
    ]);
    expect(issue[0]).toMatchObject({ severity: 'warning', expression: ['Bundle.entry[3].resource.name[0]'] });
    expect(issue[0]?.extension).toBeUndefined();
    expect(issue[1]).toMatchObject({
      diagnostics: 'is missing (at /data/to)',
      extension: [{ url: expect.stringContaining('contract-pointer'), valueString: '/data/to' }],
    });
    expect(issue[1]?.expression).toBeUndefined();
  });

  it('says of a fault what to do, or else each violation with its place', () => {
    const fault = faultOf('contract/case-mismatch', 'intake');
    expect(outcomeOfFault(fault).issue[0]?.diagnostics).toContain(FAULTS['contract/case-mismatch'].remedy);
    const violation = {
      pointer: '/data/reason',
      keyword: 'enum',
      message: 'must be one of the list',
      schemaPath: '#/x',
    };
    const issues = outcomeOfFault(fault, [violation, { ...violation, pointer: '/data/to' }]).issue;
    expect(issues.map((issue) => issue.diagnostics)).toEqual([
      'must be one of the list (at /data/reason)',
      'must be one of the list (at /data/to)',
    ]);
  });

  it('says the same complaint once, and not more than twenty', () => {
    const complaint = {
      issue: 'structure',
      diagnostics: 'This element must be a string.',
      pointer: '/entry/0',
    } as const;
    expect(outcomeOfComplaints([complaint, complaint]).issue).toHaveLength(1);
    const many = Array.from({ length: 30 }, (_, index) => ({ ...complaint, pointer: `/entry/${index}` }));
    expect(outcomeOfComplaints(many).issue).toHaveLength(20);
  });

  it('adds a remark for people without taking anything away', () => {
    const outcome = operationOutcome('contract/invalid', 'is missing');
    expect(withRemark(outcome, 'Telephone now.').issue).toEqual([
      ...outcome.issue,
      { severity: 'warning', code: 'informational', diagnostics: 'Telephone now.' },
    ]);
  });
});
