export { acceptedResponse, duplicateOutcome, type AcceptedReceipt } from './accepted-response.js';
export { capabilityStatement } from './capability-statement.js';
export { correlationOf, exchangeHeaders, isDuplicate } from './correlation.js';
export { ECHOED, isUuid } from './check-headers.js';
export { fromBundle, type ReadBundle, type RefusedBundle, type RequestHeader } from './from-bundle.js';
export { operationOutcome, outcomeOfFault, withRemark } from './operation-outcome.js';
export { hasFhirForm, toBundle } from './to-bundle.js';
