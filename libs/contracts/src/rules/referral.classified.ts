import type { ReferralClassifiedV1 } from '../generated/index.js';
import { refuse } from './happened.js';
import type { Rule } from './rule.js';

const CLOCKS = { 'high-risk': 'CLK-HIGH', priority: 'CLK-PRIO', routine: 'CLK-ROUT' } as const;

const clockOfClass: Rule<ReferralClassifiedV1> = {
  id: 'clock-of-class',
  type: 'referral.classified',
  check: (data) =>
    data.clock === CLOCKS[data.class] ? [] : [refuse('/clock', 'This clock does not belong to this class.')],
};

export const referralClassifiedRules = [clockOfClass];
