import { context, createContextKey } from '@opentelemetry/api';

/** The key by which OpenTelemetry's SDK and instrumentations agree to be silent; the API has no name for it. */
const SUPPRESS_TRACING = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

/**
 * Does `work`, and what it awaits, without a span and without headers of instrumentations that a user loads. Those of undici
 * write whole request URLs into spans, and with them the API secret and the token; those of kafkajs write record keys.
 */
export function untraced<T>(work: () => T): T {
  return context.with(context.active().setValue(SUPPRESS_TRACING, true), work);
}
