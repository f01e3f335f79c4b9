import type { Rule } from './rule.js';

/** Every rule there is, by message type. A type's rules stand in the file of its name. */
export const RULES: readonly Rule[] = [];
