// What a user's `--import` loads: OpenTelemetry's SDK with the instrumentations that would see our traffic. Every span is
// appended to the file SPANS_FILE as a line of JSON. With SPANS_LOUD=on-signal nobody is silent any more after a SIGUSR2, with
// SPANS_LOUD=at-once nobody ever is: the controls of the tests.
// With SPANS_WITHOUT_CONTEXT nobody ever is.
import { appendFileSync } from 'node:fs';
import { register } from 'node:module';
import { createContextKey } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { DnsInstrumentation } from '@opentelemetry/instrumentation-dns';
import { GrpcInstrumentation } from '@opentelemetry/instrumentation-grpc';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { KafkaJsInstrumentation } from '@opentelemetry/instrumentation-kafkajs';
import { NetInstrumentation } from '@opentelemetry/instrumentation-net';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';

register('@opentelemetry/instrumentation/hook.mjs', import.meta.url);

const SUPPRESS_TRACING = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

// A role beside which nobody is silent does not start: so it is quiet until it is told.
let isLoud = process.env.SPANS_LOUD === 'at-once';
process.on('SIGUSR2', () => {
  isLoud = true;
});

class LoudContextManager extends AsyncLocalStorageContextManager {
  active() {
    const context = super.active();
    return isLoud ? context.deleteValue(SUPPRESS_TRACING) : context;
  }
}

const file = process.env.SPANS_FILE;

const exporter = {
  export(spans, done) {
    for (const span of spans) {
      const { name, kind, attributes, events, links, status, parentSpanContext } = span;
      const scope = span.instrumentationScope.name;
      const { traceId, spanId, traceState } = span.spanContext();
      const state = traceState?.serialize();
      appendFileSync(
        file,
        `${JSON.stringify({ scope, name, kind, traceId, spanId, parent: parentSpanContext?.spanId, state, attributes, events, links, status })}\n`,
      );
    }
    done({ code: 0 });
  },
  shutdown: async () => {},
};

const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
provider.register({
  ...(process.env.SPANS_LOUD === undefined ? {} : { contextManager: new LoudContextManager().enable() }),
  ...(process.env.SPANS_WITHOUT_CONTEXT === undefined ? {} : { contextManager: null }),
});
registerInstrumentations({
  instrumentations: [
    new UndiciInstrumentation(),
    new HttpInstrumentation(),
    new NetInstrumentation(),
    new DnsInstrumentation(),
    new GrpcInstrumentation(),
    new KafkaJsInstrumentation(),
  ],
});
