import type { TraceContext } from '../workflow.ts';
import { headerText, headerTexts, type Headers, inLowerCase } from './header-text.ts';
import { traceContextOf } from './trace-context.ts';
import { isObject, textJson, valueJson } from './value-json.ts';

/** What a record says, in whichever envelope it came (docs/messages.md, envelopes). */
export type Envelope = TraceContext & { readonly data: unknown; readonly eventId?: string };

export type Opened =
  | { readonly ok: true; readonly value: Envelope }
  | { readonly ok: false; readonly reason: 'NOT_JSON' | 'TOO_LARGE' | 'INVALID_ENVELOPE'; readonly problems: string[] };

const EVENT_ID = /^[^\p{Cc}\p{Cs}]{1,256}$/u;
/** Of Kafka, of HTTP, and the two of AMQP. */
const ATTRIBUTE_PREFIXES = ['ce_', 'ce-', 'cloudevents:', 'cloudevents_'];
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/**
 * Opens an envelope: a prefix of a schema registry, Kafka Connect's `schema` and `payload`, CloudEvents 1.0 in binary or
 * structured mode, JSON as text within JSON. An event id or trace context that is not well formed is left out: neither
 * is worth refusing a request. The event's own trace context wins over that of the record, which tells the last hop only.
 */
export function openEnvelope(value: Uint8Array, headers: Headers): Opened {
  const said = inLowerCase(headers);
  const mediaType = mediaTypeOf(said);
  if (mediaType.startsWith('application/cloudevents-batch'))
    return refused('content-type: a batch of events is not supported, send one event a record');
  const isEventType = mediaType.startsWith('application/cloudevents');
  if (isEventType && !/^application\/cloudevents(\+json)?$/.test(mediaType))
    return refused('content-type: of the formats of CloudEvents only JSON is supported');
  const json = valueJson(value);
  if (!json.ok) return json;
  const body = payloadOf(withinText(json.value));
  if (isEventType || isEvent(body)) return openStructured(body, said);
  const version = attribute(said, 'specversion');
  if (version !== undefined && version !== '1.0') return refused('ce_specversion: must be 1.0');
  return envelope(body, { id: attribute(said, 'id'), trace: traceOf(said) });
}

function openStructured(event: unknown, headers: Headers): Opened {
  if (!isObject(event)) return refused('event: must be an object');
  const fields = new Map<string, unknown>(Object.entries(event));
  if (fields.get('specversion') !== '1.0') return refused('specversion: must be 1.0');
  const own = { traceparent: fields.get('traceparent'), tracestate: fields.get('tracestate') };
  const about = { id: fields.get('id'), trace: traceContextOf([own, headerTrace(headers)]) };
  const encoded = fields.get('data_base64');
  if (typeof encoded !== 'string')
    return fields.has('data') ? envelope(withinText(fields.get('data')), about) : refused('data: is required');
  const data = valueJson(Buffer.from(encoded, 'base64'));
  return data.ok ? envelope(withinText(data.value), about) : data;
}

/** `application/json` of a content type, whatever its case and parameters. Spring Cloud Stream calls it `contentType`. */
function mediaTypeOf(headers: Headers): string {
  const [type = ''] = (headerText(headers, 'content-type') ?? headerText(headers, 'contenttype') ?? '').split(';');
  return type.trim().toLowerCase();
}

/** An attribute of binary mode; bridges from other protocols keep the prefix of theirs. */
function attribute(headers: Headers, name: string): string | undefined {
  for (const prefix of ATTRIBUTE_PREFIXES) {
    const text = headerText(headers, prefix + name);
    if (text !== undefined) return text.trim();
  }
  return undefined;
}

/** Dapr sends structured events without their content type. What names its own token or verification is no envelope. */
function isEvent(body: unknown): boolean {
  if (!isObject(body) || typeof body['specversion'] !== 'string') return false;
  const names = (field: string): boolean => (body[field] ?? null) !== null;
  return (names('data') || names('data_base64')) && !names('token') && !names('verificationId');
}

/** Kafka Connect's JsonConverter writes `schema` and `payload` unless it is told not to. */
function payloadOf(body: unknown): unknown {
  if (!isObject(body) || Object.keys(body).length !== 2 || !Object.hasOwn(body, 'payload')) return body;
  return body['schema'] === null || isObject(body['schema']) ? withinText(body['payload']) : body;
}

/** The object that a JSON text holds as text or, as Java's serializers write bytes, in Base64; once, and nothing else. */
function withinText(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const inner = BASE64.test(value) ? valueJson(Buffer.from(value, 'base64')) : textJson(value);
  return inner.ok && isObject(inner.value) ? inner.value : value;
}

function envelope(data: unknown, about: { id: unknown; trace: TraceContext }): Opened {
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

function refused(problem: string): Opened {
  return { ok: false, reason: 'INVALID_ENVELOPE', problems: [problem] };
}

/** The trace context that a record's own headers carry, whatever its value holds. */
export function traceOfHeaders(headers: Headers): TraceContext {
  return traceOf(inLowerCase(headers));
}

function traceOf(said: Headers): TraceContext {
  return traceContextOf([...ATTRIBUTE_PREFIXES.map((prefix) => headerTrace(said, prefix)), headerTrace(said)]);
}

/** Of several `traceparent` the last one counts, as with Kafka's own clients; several `tracestate` are one list. */
function headerTrace(said: Headers, prefix = ''): { traceparent: string | undefined; tracestate: string | undefined } {
  const states = headerTexts(said, `${prefix}tracestate`);
  return { traceparent: headerText(said, `${prefix}traceparent`), tracestate: states.length === 0 ? undefined : states.join(',') };
}
