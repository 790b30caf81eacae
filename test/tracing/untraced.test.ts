import { context, diag, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, describe, expect, it } from 'vitest';
import * as older from 'opentelemetry-api-1-8';
import { createFaceIdClient } from '../../src/faceid/client.ts';
import { refuseUnsilencedTracing } from '../../src/tracing/untraced.ts';

// What a user's `--import` registers, by real copies of the API. With real instrumentations: test/conformance/tracing.integration.test.ts.

/** An API that does not exist yet: another major version keeps its own registry. */
const NEXT_MAJOR = Symbol.for('opentelemetry.js.api.2');

const heard = () => void context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
const traced = () => void trace.setGlobalTracerProvider({ getTracer: () => trace.getTracer('none') });

type Surroundings = readonly [what: string, load: () => void];

const REFUSED: readonly Surroundings[] = [
  [
    'an SDK with an older API',
    () => {
      older.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
      older.trace.setGlobalTracerProvider({ getTracer: () => older.trace.getTracer('none') });
    },
  ],
  ['one without a context manager', traced],
  [
    'one of the next major version, beside one that fits',
    () => {
      heard();
      traced();
      Reflect.set(globalThis, NEXT_MAJOR, { version: '2.0.0', trace: {} });
    },
  ],
];

const TAKEN: readonly Surroundings[] = [
  ['nothing', () => undefined],
  ['an API that nobody registered anything with', () => diag.info('nothing')],
  [
    'an SDK of our API with a context manager',
    () => {
      heard();
      traced();
    },
  ],
  ['an older API for metrics alone', () => void older.metrics.setGlobalMeterProvider({ getMeter: () => older.metrics.getMeter('none') })],
];

const client = () => createFaceIdClient({ baseUrl: 'http://127.0.0.1:1/faceid', apiKey: 'k', apiSecret: 's', timeoutMs: 1_000 });
const listener = (): void => undefined;

afterEach(() => {
  for (const api of [{ context, trace }, older]) {
    api.context.disable();
    api.trace.disable();
  }
  older.metrics.disable();
  for (const major of [1, 2]) Reflect.deleteProperty(globalThis, Symbol.for(`opentelemetry.js.api.${major}`));
  unsubscribe('undici:request:create', listener);
});

describe('a process in which spans are made that nobody can silence', () => {
  it.each(REFUSED)('is refused with %s', (_, load) => {
    load();
    expect(refuseUnsilencedTracing).toThrow(/OpenTelemetry SDK with @opentelemetry\/api \d.*API secret.*NODE_OPTIONS/s);
    expect(client).toThrow(/OpenTelemetry SDK/);
  });

  it.each(TAKEN)('is not one with %s', (_, load) => {
    load();
    expect(refuseUnsilencedTracing).not.toThrow();
    expect(client).not.toThrow();
  });

  it('gets no vendor client if it listens to requests without an SDK that would tell it to be silent', () => {
    subscribe('undici:request:create', listener);
    expect(client).toThrow(/listens to undici's requests.*API secret.*NODE_OPTIONS/s);
    heard();
    expect(client).not.toThrow();
  });
});
