import { verificationIdOf } from '../../src/contracts/wire/token-identity.ts';
import type { Expected } from '../../src/emulator/scenarios/scenario.ts';
import { readEmulatorLog } from '../../src/emulator/log-reader.ts';
import { hasSeveralBodies, type SeenOutcome } from '../support/pipeline.ts';
import { isVerdict, MAX_READS } from './referee.ts';
import { HALF_KNOWN, type MixedToken } from './scenario-mix.ts';

/** What the vendor's log and the outcome topic say about a run; computed without the code under test. */
export type Findings = {
  readonly mostReadsOfOneToken: number;
  readonly lateReads: number;
  readonly withoutOutcome: readonly string[];
  /** Verifications with two different records. */
  readonly severalBodies: readonly string[];
  readonly unexpected: readonly string[];
  /** Verifications that lost a read with the process that made it. */
  readonly hitByCrash: number;
  readonly reads: number;
};

type Outcome = {
  readonly outcome: string;
  readonly reasons: readonly { readonly code: string }[];
  readonly retrieval: { readonly callsUncertain: number };
};

/** Reads that the scenario itself leaves uncertain. */
function uncertainByScenario(scenario: string): number {
  if (/^(reset|half-body|hung|html-502|throttled-429|internal-error|refusal-by-200)$/.test(scenario)) return 3;
  if (scenario === 'invalid-token') return 2;
  const once =
    /^(reset|half-body|hung|html-502|throttled-429|refusal-by-200|answered-twice|short-length|gzip-bomb)-once$|^internal-error-1$/;
  if (once.test(scenario)) return 1;
  return 0;
}

/**
 * Compares every outcome with what its scenario demands. A read lost with its process excuses "we do not know", and the half-known
 * answer that there was no slot to complete; nothing else.
 */
export async function findings(run: {
  readonly logPath: string;
  readonly windowMs: number;
  readonly tokens: readonly MixedToken[];
  readonly outcomes: ReadonlyMap<string, readonly SeenOutcome[]>;
}): Promise<Findings> {
  const log = await readEmulatorLog(run.logPath);
  const withoutOutcome: string[] = [];
  const severalBodies: string[] = [];
  const unexpected: string[] = [];
  let hitByCrash = 0;
  for (const { token, scenario, expected } of run.tokens) {
    const id = verificationIdOf(token);
    const seen = run.outcomes.get(id) ?? [];
    const first = seen[0];
    if (!first) {
      withoutOutcome.push(id);
      continue;
    }
    // Nobody resets or replays here, so a second outcome id is a second body, too.
    if (hasSeveralBodies(seen) || new Set(seen.map(({ ceId }) => ceId)).size > 1) severalBodies.push(id);
    const outcome: Outcome = JSON.parse(first.value);
    const crashed = outcome.retrieval.callsUncertain > uncertainByScenario(scenario);
    hitByCrash += Number(crashed);
    const is = ({ outcome: kind, reason }: Expected): boolean => outcome.outcome === kind && (outcome.reasons[0]?.code ?? null) === reason;
    const half = HALF_KNOWN.get(scenario);
    // The slot that is left is the reserve.
    const halfKnown = half !== undefined && is(half) && (log.tokens.get(id)?.reads ?? 0) < MAX_READS;
    const excused = crashed && (!isVerdict(outcome.outcome) || halfKnown);
    if (!is(expected) && !excused)
      unexpected.push(`${scenario} ${id}: ${outcome.outcome} ${outcome.reasons.map(({ code }) => code).join(',')}`);
  }
  return {
    mostReadsOfOneToken: log.maxReads,
    lateReads: log.afterWindow(run.windowMs).length,
    withoutOutcome,
    severalBodies,
    unexpected,
    hitByCrash,
    reads: log.reads,
  };
}
