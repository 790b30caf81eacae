import { createRequire } from 'node:module';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { variables } from '../../src/config/env.ts';
import { contractSchemas, describeContracts } from '../../src/contracts/wire/describe.ts';
import {
  EXAMPLE_HINT,
  EXAMPLE_DECISION_AUDIT,
  EXAMPLE_EVIDENCE_AUDIT,
  EXAMPLE_HINT_AUDIT,
  EXAMPLE_OUTCOME,
  EXAMPLE_REPLAY_AUDIT,
  EXAMPLE_REQUEST,
} from '../../src/contracts/wire/examples.ts';
import { parseHint } from '../../src/contracts/wire/hint.ts';
import { parseOutcome } from '../../src/contracts/wire/outcome.ts';
import { parseRequest } from '../../src/contracts/wire/request.ts';

const require = createRequire(import.meta.url);
const schemas = contractSchemas();

function validator(schema: object): (value: unknown) => boolean {
  const ajv = new Ajv({ strict: false, unicodeRegExp: true });
  addFormats.default(ajv);
  const check = ajv.compile(schema);
  return (value) => check(value);
}

describe('contract documents', () => {
  it.each([
    ['request', schemas.request, EXAMPLE_REQUEST, { token: 'a b' }],
    ['hint', schemas.hint, EXAMPLE_HINT, { token: 'a', kind: 'X' }],
    ['replay-audit', schemas['replay-audit'], EXAMPLE_REPLAY_AUDIT, { ...EXAMPLE_REPLAY_AUDIT, operator: 'jane@example.org' }],
    ['decision-audit', schemas['decision-audit'], EXAMPLE_DECISION_AUDIT, { ...EXAMPLE_DECISION_AUDIT, reviewer: 'mia@example.org' }],
    ['hint-audit', schemas['hint-audit'], EXAMPLE_HINT_AUDIT, { ...EXAMPLE_HINT_AUDIT, hint: { kind: 'SESSION_ENDED', trusted: false } }],
    ['evidence-audit', schemas['evidence-audit'], EXAMPLE_EVIDENCE_AUDIT, { ...EXAMPLE_EVIDENCE_AUDIT, action: 'OPEN' }],
    ['outcome', schemas.outcome, EXAMPLE_OUTCOME, { ...EXAMPLE_OUTCOME, outcome: 'MAYBE' }],
  ])('an independent validator accepts the %s example and refuses a wrong one', (_name, schema, good, bad) => {
    const valid = validator(schema);
    expect(valid(JSON.parse(JSON.stringify(good)))).toBe(true);
    expect(valid(bad)).toBe(false);
  });

  it('its own parsers accept the examples too', () => {
    expect(parseRequest(EXAMPLE_REQUEST).ok && parseHint(EXAMPLE_HINT).ok && parseOutcome(EXAMPLE_OUTCOME).ok).toBe(true);
  });

  it('the AsyncAPI document has a channel for every topic, under its default name', () => {
    const { channels }: { channels: Readonly<Record<string, { address: string }>> } = JSON.parse(
      describeContracts().get('asyncapi.json') ?? '',
    );
    const defaults = variables().filter(({ name }) => name.endsWith('_TOPIC'));
    expect(defaults.length).toBeGreaterThan(4);
    expect(Object.values(channels).map(({ address }) => address)).toEqual(expect.arrayContaining(defaults.map((one) => one.default)));
  });

  it('the AsyncAPI document satisfies the AsyncAPI 3.0 schema', () => {
    const specification: object = require('@asyncapi/specs/schemas/3.0.0-without-$id.json');
    const valid = validator(specification);
    const text = describeContracts().get('asyncapi.json') ?? '';
    expect(valid(JSON.parse(text))).toBe(true);
    expect(valid(JSON.parse(text.replace('"3.0.0"', '"9.9.9"')))).toBe(false);
  });
});
