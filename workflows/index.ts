// The only entry of the workflow bundle: what is exported here is registered under its own name.
export { vendorGate } from './gate.ts';
export { grantedRead, grantedRevision } from './granted.ts';
export { resolveVerification } from './resolve-verification.ts';

// The SDK takes a stack trace of every promise, maps each frame of it, and shows those that are pending as "Call Stack" in the
// Temporal UI. Two frames of each are its own; the next two say which await of ours it is. What they cost: bench/README.md.
Error.stackTraceLimit = 4;
