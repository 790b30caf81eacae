import type { Asked, Reply } from '../reply.ts';

/** What a correct client must end with. `reason` is the primary reason code; null where none is given (PASSED). */
export type Expected = {
  readonly outcome: 'PASSED' | 'FAILED' | 'NEEDS_REVIEW' | 'NOT_COMPLETED' | 'EXPIRED' | 'ERROR';
  readonly reason: string | null;
  /** Set if another policy, request or timing gives another end; says which. */
  readonly dependsOn?: string;
  /** The vendor asks to stop the business: all reads are held until an operator resumes (DATA_SOURCE_ERROR). */
  readonly stopsTheBusiness?: true;
};

/** What the expectations assume of the client: the default policy. */
export type Assumptions = {
  readonly maxCalls: number;
  /** Refused requests that give their slot back (docs/vendor.md, Error playbook). */
  readonly maxRefusals: number;
  readonly clientTimeoutMs: number;
  readonly windowMs: number;
};

export const DEFAULT_ASSUMPTIONS: Assumptions = {
  maxCalls: 3,
  maxRefusals: 5,
  clientTimeoutMs: 10_000,
  windowMs: 24 * 60 * 60_000,
};

/** One row of the scenario table. `<n>` or `<ms>` in the name stands for a number, passed as `number`. */
export type Scenario = {
  readonly name: string;
  readonly about: string;
  reply(asked: Asked, number: number): Reply;
  expected(number: number, assumptions: Assumptions): Expected;
  /** When the session completes, ms after issue; absent: at the first read that tells OK or FAILED. */
  completesAfterMs?(number: number): number;
};

export const PASSED: Expected = { outcome: 'PASSED', reason: null };

export type Fixed = Pick<Scenario, 'name' | 'about'> & {
  readonly reply: (asked: Asked) => Reply;
  readonly expected: Expected;
};

/** A session that is over when the token is issued and always gets the same answer. */
export function fixed(row: Fixed): Scenario {
  return { name: row.name, about: row.about, reply: row.reply, expected: () => row.expected, completesAfterMs: () => 0 };
}
