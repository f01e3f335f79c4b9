import { UNKNOWN_ATTEMPT } from './read-attempts.js';

/**
 * SQL that gives a queued delivery its turn. One that may have been begun before a restore (it has a `started_at`) counts
 * as claimed by an attempt whose time is over, so that its lease is judged instead of it being sent once more (R4).
 */
export const itsTurn = (at: string): string => `
  state = case when started_at is null then 'ready' else 'claimed' end, due_at = ${at}, head_since = ${at},
  attempts = attempts + case when started_at is null then 0 else 1 end,
  attempt_id = case when started_at is null then attempt_id else '${UNKNOWN_ATTEMPT}'::uuid end,
  claimed_at = case when started_at is null then claimed_at else ${at} end,
  not_after = case when started_at is null then not_after else ${at} end,
  timeout_ms = case when started_at is null then timeout_ms else 0 end`;
