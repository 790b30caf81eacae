import { context, createContextKey } from '@opentelemetry/api';
import { ConfigurationError } from '../contracts/errors.ts';

/** The key by which OpenTelemetry's SDK and instrumentations agree to be silent; the API has no name for it. */
const SUPPRESS_TRACING = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

/**
 * Does `work`, and what it awaits, without a span and without headers of instrumentations that a user loads. Those of undici
 * write whole request URLs into spans, and with them the API secret and the token; those of kafkajs write record keys.
 */
export function untraced<T>(work: () => T): T {
  return context.with(context.active().setValue(SUPPRESS_TRACING, true), work);
}

/** Whether those who ask OpenTelemetry learn that they have to be silent. */
export function isSilenceHeard(): boolean {
  return untraced(() => context.active().getValue(SUPPRESS_TRACING)) === true;
}

/** Where every copy of the API of one major version finds what was registered. */
const REGISTRY = /^opentelemetry\.js\.api\.(\d+)$/;
const OUR_MAJOR = '1';

/**
 * Says which SDK makes spans in this process that `untraced` does not silence, and the remedy. A copy of OpenTelemetry's API that
 * is older than ours keeps its context from us without a word, and so does one of another major version or an SDK without a
 * context manager: their instrumentations would go on, and write what they see.
 */
export function unsilencedTracing(): string | undefined {
  const unsilenced = tracersOf(globalThis).filter(({ major }) => major !== OUR_MAJOR || !isSilenceHeard());
  if (unsilenced.length === 0) return undefined;
  const versions = unsilenced.map(({ version }) => `@opentelemetry/api ${version}`).join(', ');
  return (
    `an OpenTelemetry SDK with ${versions} was loaded into this process, and requests to the vendor and records cannot be kept from it: ` +
    'its spans could hold the API secret, tokens and keys; give it @opentelemetry/api 1.9 or a later 1.x and a context manager, ' +
    'or do not load it (NODE_OPTIONS)'
  );
}

/** Throws `ConfigurationError` where `unsilencedTracing` has something to say. */
export function refuseUnsilencedTracing(): void {
  const problem = unsilencedTracing();
  if (problem !== undefined) throw new ConfigurationError([problem]);
}

type Tracer = { readonly major: string; readonly version: string };

function tracersOf(scope: typeof globalThis): Tracer[] {
  return Object.getOwnPropertySymbols(scope).flatMap((symbol) => {
    const [, major] = REGISTRY.exec(symbol.description ?? '') ?? [];
    const registered: unknown = Reflect.get(scope, symbol);
    if (major === undefined || typeof registered !== 'object' || registered === null || !('trace' in registered)) return [];
    return registered.trace === undefined ? [] : [{ major, version: 'version' in registered ? String(registered.version) : major }];
  });
}
