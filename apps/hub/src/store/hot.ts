/**
 * How a function of the hot path is planned: once, for tables of any size. Every table is reached by an index condition on its
 * own keys, and without the settings a plan made while a table was empty would read all of it later.
 */
export const HOT = `set plan_cache_mode = force_generic_plan set enable_seqscan = off`;
