import { VERIFICATION_ID } from '../../domain/ids.ts';
import { OUTCOME_EVENT_TYPE } from './outcome-headers.ts';
import { REPLAY_AUDIT_TYPE } from './replay-audit.ts';
import {
  EXAMPLE_DECISION_AUDIT,
  EXAMPLE_EVIDENCE_AUDIT,
  EXAMPLE_GATE_EVENT,
  EXAMPLE_HINT,
  EXAMPLE_HINT_AUDIT,
  EXAMPLE_OUTCOME,
  EXAMPLE_REDRIVE_AUDIT,
  EXAMPLE_REPLAY_AUDIT,
  EXAMPLE_REQUEST,
} from './examples.ts';
import { GATE_EVENT_TYPE } from './gate-event.ts';

type Json = Readonly<Record<string, unknown>>;

/** AsyncAPI 3.0 description of the topics, under their default names; `schemas` by the names under which it refers to them. */
export function asyncApiDocument(schemas: Readonly<Record<string, Json>>): Json {
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'verdictflow',
      version: '1.0.0',
      description:
        'Face-verification tokens in, final verdicts out. Topic names are the defaults; each can be set by a VF_KAFKA_*_TOPIC variable.',
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/json',
    channels: {
      requests: channel('faceid.verification.requested.v1', 'VerificationRequested'),
      hints: channel('faceid.verification.hint.v1', 'SessionHint'),
      outcomes: channel('faceid.verification.outcome.v1', 'VerificationOutcome'),
      deadLetters: channel('faceid.verification.requested.v1.dlq', 'DeadLetter'),
      replayAudit: channel(REPLAY_AUDIT_TYPE, 'ReplayAudit', 'DecisionAudit', 'HintAudit', 'RedriveAudit', 'EvidenceAudit'),
      gate: channel(GATE_EVENT_TYPE, 'GateChange'),
    },
    operations: {
      receiveRequest: operation('receive', 'requests', 'Starts one verification for each token, once.'),
      receiveHint: operation('receive', 'hints', 'Brings the next planned read forward.'),
      sendOutcome: operation('send', 'outcomes', 'At least once, always with the same ce_id and bytes for one revision.'),
      sendDeadLetter: operation(
        'send',
        'deadLetters',
        'Key, value and headers as they came, byte for byte, plus the headers described here.',
      ),
      sendReplayAudit: operation(
        'send',
        'replayAudit',
        'At least once, one ce_id for every replay that an operator started, decision by a person, trusted hint that one ordered, dead letter that one sent again, and opening, hold or erasure of evidence; ce_type tells which.',
      ),
      sendGate: operation('send', 'gate', 'At least once and in their order, always with the same ce_id and bytes for one change.'),
    },
    components: { messages: messages(), schemas: componentSchemas(schemas) },
  };
}

function channel(address: string, ...messageNames: readonly string[]): Json {
  return { address, messages: Object.fromEntries(messageNames.map((name) => [name, { $ref: `#/components/messages/${name}` }])) };
}

function operation(action: 'receive' | 'send', channelName: string, summary: string): Json {
  return { action, channel: { $ref: `#/channels/${channelName}` }, summary };
}

function messages(): Json {
  const anyKey = keyed('Ignored. Never the token.');
  return {
    VerificationRequested: {
      contentType: 'application/json',
      summary: 'Plain JSON, or CloudEvents 1.0 in binary or structured mode; also within the envelopes that docs/messages.md lists.',
      payload: ref('request'),
      examples: [{ payload: EXAMPLE_REQUEST }],
      ...anyKey,
    },
    SessionHint: { contentType: 'application/json', payload: ref('hint'), examples: [{ payload: EXAMPLE_HINT }], ...anyKey },
    VerificationOutcome: {
      contentType: 'application/json',
      summary: 'CloudEvents 1.0 in binary mode.',
      headers: ref('outcome-headers'),
      payload: ref('outcome'),
      examples: [{ payload: EXAMPLE_OUTCOME }],
      ...keyed('The verificationId: all revisions of a verification stay in order.'),
    },
    ReplayAudit: {
      contentType: 'application/json',
      summary: 'CloudEvents 1.0 in binary mode; ce_id is the runId.',
      payload: ref('replay-audit'),
      examples: [{ payload: EXAMPLE_REPLAY_AUDIT }],
      ...keyed('The verificationId.'),
    },
    DecisionAudit: {
      contentType: 'application/json',
      summary: 'CloudEvents 1.0 in binary mode; ce_id is the runId.',
      payload: ref('decision-audit'),
      examples: [{ payload: EXAMPLE_DECISION_AUDIT }],
      ...keyed('The verificationId.'),
    },
    HintAudit: {
      contentType: 'application/json',
      summary: 'CloudEvents 1.0 in binary mode; written before the hint is sent.',
      payload: ref('hint-audit'),
      examples: [{ payload: EXAMPLE_HINT_AUDIT }],
      ...keyed('The verificationId.'),
    },
    GateChange: {
      contentType: 'application/json',
      summary: 'CloudEvents 1.0 in binary mode. The latest one of a region tells whether results can be had.',
      payload: ref('gate'),
      examples: [{ payload: EXAMPLE_GATE_EVENT }],
      ...keyed('The region.'),
    },
    RedriveAudit: {
      contentType: 'application/json',
      summary: 'CloudEvents 1.0 in binary mode; written once the record is sent.',
      payload: ref('redrive-audit'),
      examples: [{ payload: EXAMPLE_REDRIVE_AUDIT }],
      ...keyed('The verificationId, or the place of the dead letter if it has none.'),
    },
    EvidenceAudit: {
      contentType: 'application/json',
      summary: 'CloudEvents 1.0 in binary mode; an opening and a hold are written before, an erasure after.',
      payload: ref('evidence-audit'),
      examples: [{ payload: EXAMPLE_EVIDENCE_AUDIT }],
      ...keyed('The verificationId.'),
    },
    DeadLetter: {
      summary: 'A record that can never be handled as it is. It holds what the producer wrote, the token included.',
      headers: ref('dead-letter-headers'),
      payload: { description: 'The original bytes; of a stub (vf-dlq-stub) the first 1,024 of them.' },
    },
  };
}

function keyed(description: string): Json {
  return { bindings: { kafka: { key: { type: 'string', description } } } };
}

function ref(name: string): Json {
  return { $ref: `#/components/schemas/${name}` };
}

function componentSchemas(schemas: Readonly<Record<string, Json>>): Json {
  const embedded = Object.entries(schemas).map(([name, { $schema: _dialect, $id: _id, ...schema }]) => [name, schema] as const);
  return { ...Object.fromEntries(embedded), 'outcome-headers': outcomeHeaders() };
}

function outcomeHeaders(): Json {
  const text = { type: 'string' };
  return {
    type: 'object',
    required: ['ce_id', 'ce_source', 'ce_type', 'ce_specversion', 'ce_time', 'ce_subject', 'content-type'],
    properties: {
      ce_id: {
        ...text,
        pattern: `${VERIFICATION_ID.source.slice(0, -1)}\\.r[1-9][0-9]*$`,
        description: 'verificationId and revision: the id to deduplicate by.',
      },
      ce_source: { ...text, format: 'uri-reference' },
      ce_type: { ...text, const: OUTCOME_EVENT_TYPE },
      ce_specversion: { ...text, const: '1.0' },
      ce_time: { ...text, format: 'date-time' },
      ce_subject: { ...text, description: 'The verificationId.' },
      ce_partitionkey: { ...text, description: 'The verificationId, as the key of the record.' },
      ce_traceparent: {
        ...text,
        description: 'Trace context of the request (W3C), if it had one, or of the span that ingress made of it.',
      },
      ce_tracestate: { ...text, description: 'With ce_traceparent: what tracing systems add to it.' },
      traceparent: { ...text, description: 'As ce_traceparent, for readers that know no CloudEvents.' },
      tracestate: { ...text, description: 'As ce_tracestate.' },
      'content-type': { ...text, const: 'application/json' },
    },
  };
}
