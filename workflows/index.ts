// The only entry of the workflow bundle: what is exported here is registered under its own name.
export { vendorGate } from './gate.ts';
export { grantedRead, grantedRevision } from './granted.ts';
export { resolveVerification } from './resolve-verification.ts';

// The SDK takes a stack trace of every promise, maps each frame of it, and shows those that are pending as "Call Stack" in the
// Temporal UI. Two frames of each are its own; the next two say which await of ours it is. So promises are what this code costs
// by (docs/performance.md, "Promises"): functions that only hand one on are not async, and a pause is no race of conditions.
Error.stackTraceLimit = 4;
