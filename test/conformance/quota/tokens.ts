import { randomBytes } from 'node:crypto';
import { verificationIdOf } from '../../../src/contracts/wire/token-identity.ts';
import { workflowIdOf } from '../../../src/domain/ids.ts';
import { mintToken } from '../../../src/emulator/mint-token.ts';
import { expectedOf } from '../../../src/emulator/scenarios.ts';
import { HALF_KNOWN } from '../scenario-mix.ts';

export type StormToken = {
  readonly token: string;
  readonly id: string;
  readonly workflowId: string;
  readonly scenario: string;
  readonly issuedAtMs: number;
  /** The outcome that a full account of the scenario leads to. */
  readonly demanded: string;
  /** A verdict that is right as well: the answer that asks for another read, where a fault took the slot for it. */
  readonly orElse?: string;
};

/** The vendor does not know these tokens. */
const UNKNOWN = 'unknown';

/** More pending and slow answers than in life: only a verification that still reads can be read too often. */
const MIX: readonly (readonly [scenario: string, weight: number])[] = [
  ['ready-pass', 5],
  ['ready-fail-liveness', 2],
  ['ready-fail-match', 1],
  ['review-multifaces', 1],
  ['processing-1', 4],
  ['processing-2', 4],
  ['processing-9', 6],
  ['slow-900', 4],
  ['hung-once', 2],
  ['reset', 1],
  ['reset-once', 2],
  ['half-body', 1],
  ['half-body-once', 2],
  ['html-502-once', 1],
  ['internal-error', 1],
  ['internal-error-1', 1],
  ['malformed-once', 1],
  ['concurrency-1', 1],
  ['cancelled', 1],
  ['data-destroyed', 1],
  ['refusal-by-200', 2],
  ['refusal-by-200-once', 1],
  ['answered-twice-once', 1],
  ['incomplete-once', 1],
  ['bad-arguments', 1],
  ['attack-mask', 1],
  ['review-error-beside-ok', 1],
  ['review-flat-no', 1],
  [UNKNOWN, 3],
];

const LADDER = MIX.flatMap(([scenario, weight]) => Array.from({ length: weight }, () => scenario));

/** Token number `index` of a storm; its scenario depends on the number alone. */
export function stormToken(index: number, issuedAtMs: number): StormToken {
  const scenario = LADDER[(index * 7) % LADDER.length] ?? UNKNOWN;
  const unknown = scenario === UNKNOWN;
  const token = unknown ? `no-such-${randomBytes(12).toString('hex')}` : mintToken({ scenario, issuedAtMs });
  const demanded = unknown ? 'ERROR' : (expectedOf(scenario)?.outcome ?? 'ERROR');
  const id = verificationIdOf(token);
  const orElse = HALF_KNOWN.get(scenario)?.outcome;
  return { token, id, workflowId: workflowIdOf(id), scenario, issuedAtMs, demanded, ...(orElse === undefined ? {} : { orElse }) };
}

/** The request record of one token; the session's link lives for three seconds of the compressed clock. */
export function requestOf({ token, issuedAtMs }: StormToken): { value: string } {
  const [issuedAt, tokenExpiresAt] = [issuedAtMs, issuedAtMs + 3_000].map((atMs) => new Date(atMs).toISOString());
  return { value: JSON.stringify({ token, issuedAt, tokenExpiresAt }) };
}
