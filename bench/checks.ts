/** The bench found that a system broke a promise; no figure of that run is worth anything. */
export class BenchCheckError extends Error {
  override readonly name = 'BenchCheckError';
}

export type RunEvidence = {
  readonly tokens: number;
  readonly missing: number;
  readonly repeated: number;
  readonly strangers: number;
  /** Reads per token from the vendor's own log. */
  readonly reads: ReadonlyMap<string, number>;
  /** Exit code of the service after SIGTERM; null if it had to be killed. */
  readonly exitCode: number | null;
};

/** What is wrong with a run, one sentence each; empty when nothing is. Repeated outcomes are allowed (at least once). */
export function problemsOf(evidence: RunEvidence, maxReads: number): string[] {
  const fourth = [...evidence.reads.values()].filter((count) => count > maxReads).length;
  const unread = evidence.tokens - evidence.reads.size;
  return [
    ...(evidence.missing > 0 ? [`${evidence.missing} of ${evidence.tokens} tokens have no outcome`] : []),
    ...(evidence.strangers > 0 ? [`${evidence.strangers} outcomes belong to no token of this run`] : []),
    ...(fourth > 0 ? [`${fourth} tokens were read more than ${maxReads} times`] : []),
    ...(unread !== 0 ? [`the vendor saw reads of ${evidence.reads.size} tokens, not ${evidence.tokens}`] : []),
    ...(evidence.exitCode !== 0 ? [`the service did not stop cleanly: ${evidence.exitCode ?? 'killed'}`] : []),
  ];
}
