import type { MessageRecalledV1 } from '../generated/message.recalled.v1.js';
import { happened } from './happened.js';
import type { Rule } from './rule.js';

export const messageRecalled: readonly Rule<MessageRecalledV1>[] = [
  happened('recall-has-happened', 'message.recalled', ({ at }) => [['/at', at]]),
];
