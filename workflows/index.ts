// The only entry of the workflow bundle: what is exported here is registered under its own name.
export { reservedRead, reservedRevision } from './reserved.ts';
export { resolveVerification } from './resolve-verification.ts';
