import type { Endpoint } from '#channels/endpoint.js';

/**
 * The one port to a partner. An adapter translates and carries: one attempt in, one Outcome out. It does not retry,
 * does not decide and stores nothing. It returns for every expected end; what it throws becomes a `defect`.
 */
export type Adapter = Endpoint;
