import { expect, expectTypeOf, it } from 'vitest';
import { EXAMPLE_OUTCOME } from '../../src/contracts/wire/examples.ts';
import { outcomeHeaders } from '../../src/contracts/wire/outcome-headers.ts';
import type { WireOutcome } from '../../src/contracts/wire/outcome.ts';
import type { OutcomeEvent } from '../../src/domain/outcome.ts';

type Deep<T> = T extends readonly (infer Item)[]
  ? readonly Deep<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Deep<T[Key]> }
    : T;

it('the zod schema and OutcomeEvent have one shape, checked by the compiler', () => {
  expectTypeOf<Deep<WireOutcome>>().toEqualTypeOf<Deep<OutcomeEvent>>();
});

it('the headers of an outcome depend on the event alone', () => {
  expect(outcomeHeaders(EXAMPLE_OUTCOME, { source: '/verdictflow' })).toEqual({
    ce_specversion: '1.0',
    ce_id: `${EXAMPLE_OUTCOME.verificationId}.r1`,
    ce_source: '/verdictflow',
    ce_type: 'faceid.verification.outcome.v1',
    ce_subject: EXAMPLE_OUTCOME.verificationId,
    ce_time: EXAMPLE_OUTCOME.timestamps.emittedAt,
    ce_partitionkey: EXAMPLE_OUTCOME.verificationId,
    'content-type': 'application/json',
  });
});
