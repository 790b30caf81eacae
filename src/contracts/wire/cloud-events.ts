import type { TraceContext } from '../workflow.ts';
import type { Parsed } from './parsed.ts';
import { traceContextOf } from './trace-context.ts';

/** What a record says, whichever of the three forms it has: plain JSON, CloudEvents binary or CloudEvents structured. */
export type Envelope = TraceContext & { readonly data: unknown; readonly eventId?: string };

type Headers = ReadonlyMap<string, readonly Buffer[]>;

const EVENT_ID = /^[^\p{Cc}\p{Cs}]{1,256}$/u;

/**
 * CloudEvents 1.0 over Kafka: structured mode is announced by the content type, binary mode by `ce_specversion`.
 * An event id or trace context that is not well formed is left out: neither is worth refusing a request. The event's own trace
 * context wins over that of the record, which tells the last hop only.
 */
export function openEnvelope(value: Uint8Array, headers: Headers): Parsed<Envelope> {
  const contentType = headerText(headers, 'content-type')?.trim().toLowerCase() ?? '';
  if (contentType.startsWith('application/cloudevents-batch'))
    return refused('content-type: a batch of events is not supported, send one event a record');
  const parsed = decodeJson(value);
  if (!parsed.ok) return parsed;
  if (contentType.startsWith('application/cloudevents')) return openStructured(parsed.value, headers);
  const version = headerText(headers, 'ce_specversion');
  if (version !== undefined && version !== '1.0') return refused('ce_specversion: must be 1.0');
  return envelope(parsed.value, {
    id: headerText(headers, 'ce_id'),
    trace: traceOfHeaders(headers),
  });
}

function openStructured(event: unknown, headers: Headers): Parsed<Envelope> {
  if (typeof event !== 'object' || event === null || Array.isArray(event)) return refused('event: must be an object');
  const fields = new Map<string, unknown>(Object.entries(event));
  if (fields.get('specversion') !== '1.0') return refused('specversion: must be 1.0');
  const own = { traceparent: fields.get('traceparent'), tracestate: fields.get('tracestate') };
  const about = { id: fields.get('id'), trace: traceContextOf([own, headerTrace(headers)]) };
  const encoded = fields.get('data_base64');
  if (typeof encoded !== 'string') return fields.has('data') ? envelope(fields.get('data'), about) : refused('data: is required');
  const data = decodeJson(Buffer.from(encoded, 'base64'));
  return data.ok ? envelope(data.value, about) : data;
}

function envelope(data: unknown, about: { id: unknown; trace: TraceContext }): Parsed<Envelope> {
  const { id, trace } = about;
  return {
    ok: true,
    value: {
      data,
      ...(typeof id === 'string' && EVENT_ID.test(id) ? { eventId: id } : {}),
      ...trace,
    },
  };
}

function refused(problem: string): Parsed<Envelope> {
  return { ok: false, problems: [problem] };
}

/** The trace context that a record's own headers carry, whatever its value holds. */
export function traceOfHeaders(headers: Headers): TraceContext {
  return traceContextOf([headerTrace(headers, 'ce_'), headerTrace(headers)]);
}

/** Of several `traceparent` the last one counts, as with Kafka's own clients; several `tracestate` are one list. */
function headerTrace(headers: Headers, prefix = ''): { traceparent: string | undefined; tracestate: string | undefined } {
  const states = headers.get(`${prefix}tracestate`);
  return { traceparent: headerText(headers, `${prefix}traceparent`), tracestate: states?.map((state) => state.toString('utf8')).join(',') };
}

/** The last value of a header as text. */
export function headerText(headers: Headers, name: string): string | undefined {
  return headers.get(name)?.at(-1)?.toString('utf8');
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Bytes to JSON. Ill-formed UTF-8 is refused: replacing it would let two tokens share an identity. */
function decodeJson(bytes: Uint8Array): Parsed<unknown> {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return { ok: false, problems: ['value: is not well-formed UTF-8'] };
  }
  try {
    const value: unknown = JSON.parse(text);
    return { ok: true, value };
  } catch {
    // The parser's own message quotes the text, which may hold a token.
    return { ok: false, problems: ['value: is not JSON'] };
  }
}
