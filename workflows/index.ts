// The only entry of the workflow bundle: what is exported here is registered under its own name.
export { resolveVerification } from './resolve-verification.ts';
