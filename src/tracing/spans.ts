import {
  type Attributes,
  type Context,
  context,
  createTraceState,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { errorName } from '../contracts/errors.ts';
import type { TraceContext, VerificationActivities } from '../contracts/workflow.ts';
import type { RecordTracing } from '../ingress/ports.ts';

// Our own spans, of what a user may load an SDK for. Without one, all of this does nothing. Attributes are ids, kinds and
// codes, never a token, a key, a business number or a text of the vendor.

const tracer = trace.getTracer('verdictflow');

type SpanOf = { readonly name: string; readonly kind: SpanKind; readonly parent: TraceContext; readonly attributes: Attributes };

/** A span around the handling of a record. What it hands on is itself, if it is recorded: then all of a verification is one trace. */
export const traceRecord: RecordTracing = async ({ topic, partition, offset, trace: parent }, work) => {
  const attributes = {
    'messaging.system': 'kafka',
    'messaging.operation.type': 'process',
    'messaging.destination.name': topic,
    'messaging.destination.partition.id': String(partition),
    'messaging.kafka.offset': Number(offset),
  };
  const name = `process ${topic}`;
  return await inSpan({ name, kind: SpanKind.CONSUMER, parent, attributes }, async (span) => await work(carriedBy(span, parent)));
};

/** The activities, each within a span whose parent is what the verification carries. */
export function traceActivities({ getResult, emitOutcome }: VerificationActivities): VerificationActivities {
  return {
    getResult: async (order) => {
      const attributes = { 'verdictflow.verification_id': order.verificationId, 'verdictflow.read': order.slot };
      return await inSpan({ name: 'getResult', kind: SpanKind.CLIENT, parent: order, attributes }, async () => await getResult(order));
    },
    emitOutcome: async (order) => {
      const { verificationId, outcome, revision } = order.event;
      const attributes = {
        'verdictflow.verification_id': verificationId,
        'verdictflow.outcome': outcome,
        'verdictflow.revision': revision,
      };
      return await inSpan(
        { name: 'emitOutcome', kind: SpanKind.PRODUCER, parent: order, attributes },
        async () => await emitOutcome(order),
      );
    },
  };
}

/** Adds to the span under way what is only known now. */
export function noteInSpan(attributes: Attributes): void {
  trace.getActiveSpan()?.setAttributes(attributes);
}

/** The parent is the carried one alone: what is active may be an instrumentation's, or our own silence. */
async function inSpan<T>({ name, kind, parent, attributes }: SpanOf, work: (span: Span) => Promise<T>): Promise<T> {
  const under = contextOf(parent);
  const span = tracer.startSpan(name, { kind, attributes }, under);
  try {
    return await context.with(trace.setSpan(under, span), async () => await work(span));
  } catch (error) {
    // Its name alone: a message may quote what it failed over.
    span.setAttribute('error.type', errorName(error));
    span.setStatus({ code: SpanStatusCode.ERROR });
    throw error;
  } finally {
    span.end();
  }
}

function contextOf({ traceparent = '', tracestate }: TraceContext): Context {
  const [, traceId = '', spanId = '', flags = '00'] = traceparent.split('-');
  const spanContext = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
  if (!isSpanContextValid(spanContext)) return ROOT_CONTEXT;
  return trace.setSpanContext(
    ROOT_CONTEXT,
    tracestate === undefined ? spanContext : { ...spanContext, traceState: createTraceState(tracestate) },
  );
}

function carriedBy(span: Span, parent: TraceContext): TraceContext {
  if (!span.isRecording()) return parent;
  const { traceId, spanId, traceFlags, traceState } = span.spanContext();
  const tracestate = traceState?.serialize() ?? '';
  return {
    traceparent: `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`,
    ...(tracestate === '' ? {} : { tracestate }),
  };
}
