/** What this example uses of an outcome; docs/schemas/outcome.v1.json describes all of it. */
export type Outcome = {
  readonly verificationId: string;
  readonly revision: number;
  readonly outcome: string;
  readonly reasons: readonly { readonly code: string; readonly category: string }[];
  readonly retryAdvice: string;
};

/** A CloudEvent that carries an outcome. */
export type OutcomeEvent = { readonly source: string; readonly id: string; readonly data: Outcome };

/** What the outcome means for the applicant. */
export type Conclusion = 'ACCEPTED' | 'REJECTED' | 'NOT_DONE' | 'UNKNOWN';

/**
 * FAILED alone speaks against the applicant. After EXPIRED, ERROR, NEEDS_REVIEW, and anything that a later version may
 * add, nobody knows who sat in front of the camera: look at it, or try again, but reject nobody for it.
 */
export function conclusionOf({ outcome }: Pick<Outcome, 'outcome'>): Conclusion {
  switch (outcome) {
    case 'PASSED':
      return 'ACCEPTED';
    case 'FAILED':
      return 'REJECTED';
    case 'NOT_COMPLETED':
      return 'NOT_DONE';
    default:
      return 'UNKNOWN';
  }
}

/** The code that decided, if any did. A picture that could not be kept decides nothing; it only stands beside what did. */
export function reasonOf({ reasons }: Pick<Outcome, 'reasons'>): string | undefined {
  return reasons.find(({ code }) => code !== 'EVIDENCE_STORE_FAILED')?.code;
}

/** REPEATED and OUTDATED change nothing; FIRST and REVISED are to be acted on. */
export type Taken = 'FIRST' | 'REVISED' | 'REPEATED' | 'OUTDATED';

export type Inbox = {
  take(event: OutcomeEvent): Taken;
  latest(verificationId: string): Outcome | undefined;
};

/**
 * Outcomes come at least once, and a replay may revise one: an event counts once, by `source` and `id`, and of a
 * verification's revisions the highest, in whichever order they come.
 *
 * A service keeps both in its database, written together with what it does about the outcome:
 *   INSERT INTO taken (source, id) VALUES ($1, $2) ON CONFLICT DO NOTHING  -- no row: REPEATED
 *   UPDATE applicant SET outcome = $3, revision = $4 WHERE verification_id = $5 AND revision < $4  -- no row: OUTDATED
 */
export function createInbox(): Inbox {
  const taken = new Set<string>();
  const latest = new Map<string, Outcome>();
  return {
    take({ source, id, data }) {
      const identity = JSON.stringify([source, id]);
      if (taken.has(identity)) return 'REPEATED';
      taken.add(identity);
      const known = latest.get(data.verificationId);
      if (known !== undefined && known.revision >= data.revision) return 'OUTDATED';
      latest.set(data.verificationId, data);
      return known === undefined ? 'FIRST' : 'REVISED';
    },
    latest: (verificationId) => latest.get(verificationId),
  };
}
