import { fileURLToPath } from 'node:url';
import { type LocalStack, startLocalStack } from '../../src/localstack/stack.ts';
import { killAllProcesses } from '../support/process.ts';

const LOCAL_DIR = fileURLToPath(new URL('../../.local', import.meta.url));

/** One line of figures; whatever stands in `findings` should not have been. */
export type Proof = { readonly proof: string; readonly findings: readonly string[]; readonly [figure: string]: unknown };

/** Runs proofs on engines of their own: a line of JSON for each, exit code 1 if one of them found anything. */
export async function runProofs(proofs: (stack: LocalStack) => AsyncIterable<Proof>): Promise<void> {
  const stack = await startLocalStack({ dir: LOCAL_DIR, native: true, log: () => undefined });
  try {
    for await (const { findings, ...figures } of proofs(stack)) {
      process.stdout.write(`${JSON.stringify({ ...figures, findings })}\n`);
      if (findings.length > 0) process.exitCode = 1;
    }
  } finally {
    killAllProcesses();
    await stack.stop();
  }
}
