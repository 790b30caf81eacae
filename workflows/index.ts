// The only entry of the workflow bundle: what is exported here is registered under its own name.
export { vendorGate } from './gate.ts';
export { grantedRead, grantedRevision } from './granted.ts';
export { resolveVerification } from './resolve-verification.ts';
