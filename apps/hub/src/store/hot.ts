/**
 * How a function of the hot path is planned: once, and right for tables of any size. Its statements reach every table by
 * an index condition on their own keys; without the settings a plan that was made while a table was empty would go on to
 * read all of it. For the same reason no other statement here has a name: it is planned for the tables as they are.
 */
export const HOT = `set plan_cache_mode = force_generic_plan set enable_seqscan = off`;
