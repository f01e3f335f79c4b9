import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import { describe, expect, it } from '@jest/globals';

import { projectRoot } from '#contracts';

describe('generated code and pages', () => {
  it('are in step with their sources', () => {
    const check = (): string =>
      execFileSync(process.execPath, [join(projectRoot(), 'scripts/generate.mjs'), '--check'], {
        encoding: 'utf8',
      });
    expect(check).not.toThrow();
  });
});
