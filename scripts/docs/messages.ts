import type { DeadLetterHeaders } from '../../src/contracts/wire/dead-letter.ts';
import { contractSchemas } from '../../src/contracts/wire/describe.ts';
import {
  EXAMPLE_EVIDENCE_AUDIT,
  EXAMPLE_GATE_EVENT,
  EXAMPLE_HINT,
  EXAMPLE_DECISION_AUDIT,
  EXAMPLE_HINT_AUDIT,
  EXAMPLE_OUTCOME,
  EXAMPLE_REDRIVE_AUDIT,
  EXAMPLE_REPLAY_AUDIT,
  EXAMPLE_REQUEST,
} from '../../src/contracts/wire/examples.ts';
import { outcomeHeaders } from '../../src/contracts/wire/outcome-headers.ts';
import { markdownTable } from './tables.ts';

const EXAMPLE_DEAD_LETTER: DeadLetterHeaders = {
  'vf-dlq-topic': 'faceid.verification.requested.v1',
  'vf-dlq-partition': '3',
  'vf-dlq-offset': '1207',
  'vf-dlq-timestamp': '1768470000000',
  'vf-dlq-group': 'verdictflow-ingress',
  'vf-dlq-reason': 'INVALID_REQUEST',
  'vf-dlq-stage': 'VALIDATE',
  'vf-dlq-message': 'token: must not contain white space, control characters or lone surrogates',
  'vf-dlq-attempts': '1',
  'vf-dlq-failed-at': '2026-01-15T09:40:00.000Z',
};

/** A JSON block; the comment before it tells the documentation test which schema it must satisfy. */
function jsonBlock(schema: string, value: unknown): string {
  return [`<!-- schema: ${schema} -->`, '```json', JSON.stringify(value, null, 2), '```'].join('\n');
}

export function requestExample(): string {
  return jsonBlock('request', EXAMPLE_REQUEST);
}

export function hintExample(): string {
  return jsonBlock('hint', EXAMPLE_HINT);
}

export function outcomeExample(): string {
  return jsonBlock('outcome', EXAMPLE_OUTCOME);
}

export function replayAuditExample(): string {
  return jsonBlock('replay-audit', EXAMPLE_REPLAY_AUDIT);
}

export function decisionAuditExample(): string {
  return jsonBlock('decision-audit', EXAMPLE_DECISION_AUDIT);
}

export function hintAuditExample(): string {
  return jsonBlock('hint-audit', EXAMPLE_HINT_AUDIT);
}

export function gateExample(): string {
  return jsonBlock('gate', EXAMPLE_GATE_EVENT);
}

export function redriveAuditExample(): string {
  return jsonBlock('redrive-audit', EXAMPLE_REDRIVE_AUDIT);
}

export function evidenceAuditExample(): string {
  return jsonBlock('evidence-audit', EXAMPLE_EVIDENCE_AUDIT);
}

export function deadLetterExample(): string {
  return jsonBlock('dead-letter-headers', EXAMPLE_DEAD_LETTER);
}

/** `source` of the outcomes, as `workers/serve-worker.ts` sets it. */
export const EVENT_SOURCE = '/verdictflow';

/** Key and headers of the example outcome, as a console consumer shows them. */
export function outcomeHeaderExample(): string {
  const headers = Object.entries(outcomeHeaders(EXAMPLE_OUTCOME, { source: EVENT_SOURCE })).map(([name, value]) => `${name}: ${value}`);
  return ['```text', `key: ${EXAMPLE_OUTCOME.verificationId}`, ...headers, '```'].join('\n');
}

/** Every field of a request with the words of its schema. */
export function requestFields(): string {
  return fieldTable('request');
}

/** Every field of a hint with the words of its schema. */
export function hintFields(): string {
  return fieldTable('hint');
}

function fieldTable(name: 'request' | 'hint'): string {
  const { properties, required } = contractSchemas()[name];
  const rows = Object.entries(Object(properties)).map(([field, schema]) => {
    const { description = '', enum: values } = Object(schema);
    const text = Array.isArray(values) ? `${description} One of ${values.map((value) => `\`${value}\``).join(', ')}.` : description;
    return [`\`${field}\``, String(text).trim(), Array.isArray(required) && required.includes(field) ? 'yes' : '–'];
  });
  return markdownTable(['Field', 'Means', 'Required'], rows);
}
