import type { LocalStack } from '../../../../src/localstack/stack.ts';
import type { Proof } from '../../proof.ts';
import { gateTokens, openGateTest } from '../rig.ts';
import type { ProofOptions } from './main.ts';

const SETTLING_MS = 5_000;
const MEASURED_MS = 20_000;
const LEAD_SECONDS = 10;

/** The rate of the account over all workers, while every part of the queue has reads that wait. */
export async function proveAccount(stack: LocalStack, { workers, account }: ProofOptions): Promise<Proof> {
  const overrides = { VF_FACEID_MAX_CALLS_PER_SECOND: String(account) };
  const test = await openGateTest({ ...stack, workers, windowMs: 600_000, stepMs: 1_000, overrides });
  try {
    const tokens = gateTokens(Math.ceil(account * ((SETTLING_MS + MEASURED_MS) / 1_000 + LEAD_SECONDS)), { scenario: 'ready-pass' });
    await test.submit(tokens);
    await test.allDecided(tokens, 300_000);
    const instants = (await test.requests()).map(({ atMs }) => atMs);
    const fromMs = (instants[0] ?? 0) + SETTLING_MS;
    const begun = instants.filter((atMs) => atMs >= fromMs && atMs < fromMs + MEASURED_MS).length;
    const perSecond = (begun * 1_000) / MEASURED_MS;
    const isOff = Math.abs(perSecond - account) > account * 0.05;
    return { proof: 'account', workers, account, begun, perSecond, findings: isOff ? [`${perSecond} a second instead of ${account}`] : [] };
  } finally {
    await test.close();
  }
}
