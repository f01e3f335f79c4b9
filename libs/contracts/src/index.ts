export * from './alliance.js';
export * from './contract.js';
export * from './envelope.js';
export * from './faults.js';
export * from './outcome.js';
export * from './states.js';
export * from './topics.js';
export * from './work.js';
