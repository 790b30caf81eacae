import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';
import { type LocalStack, startLocalStack } from '../../../src/localstack/stack.ts';
import { killAllProcesses } from '../../support/process.ts';
import { measureCost } from './cost.ts';
import { proveErasure } from './erasure.ts';
import { proveKeeping } from './keeping.ts';
import { proveSilence } from './silence.ts';
import { openWorld } from './world.ts';

const LOCAL_DIR = fileURLToPath(new URL('../../../.local', import.meta.url));

export type ProofOptions = {
  readonly tokens: number;
  readonly rate: number;
  readonly imageBytes: number;
  readonly large: number;
  readonly storeKills: number;
  readonly workerKills: number;
  readonly erase: number;
  readonly burst: number;
};

/** One line of figures; whatever stands in `findings` should not have been. */
export type Proof = { readonly proof: string; readonly findings: readonly string[]; readonly [figure: string]: unknown };

function wholeNumber(text: string): number {
  if (!/^\d{1,8}$/.test(text)) throw new InvalidArgumentError('A whole number.');
  return Number(text);
}

const options = new Command('npm run prove:evidence --')
  .description(
    'Keeps images of many verifications in real S3 servers, one for the objects and one for the keys, on real engines and the built service,\n' +
      "while servers and workers are killed, and judges by the vendor's log; searches every byte that is left for images, tokens and keys; erases\n" +
      'some and tries to open them with the key-encryption key in hand; measures what images cost. A line of JSON a proof; exit code 0 when all held.\n' +
      'At full size (the defaults) it needs some 4 minutes on 2 cores, and versitygw (CONTRIBUTING.md, Engines).',
  )
  .option('--tokens <n>', 'verifications', wholeNumber, 1_000)
  .option('--rate <n>', 'requests a second', wholeNumber, 14)
  .option('--image-bytes <n>', 'size of most images', wholeNumber, 300_000)
  .option('--large <n>', 'verifications with images of 12 MB', wholeNumber, 20)
  .option('--store-kills <n>', 'kill -9 of an S3 server, for seconds each', wholeNumber, 5)
  .option('--worker-kills <n>', 'kill -9 of a worker', wholeNumber, 6)
  .option('--erase <n>', 'verifications to erase', wholeNumber, 100)
  .option('--burst <n>', 'verifications of a burst in which the cost is measured; 0: not measured', wholeNumber, 120)
  .showHelpAfterError('(--help lists the options)')
  .parse(process.argv)
  .opts<ProofOptions>();

function tell({ findings, ...figures }: Proof): void {
  process.stdout.write(`${JSON.stringify({ ...figures, findings })}\n`);
  if (findings.length > 0) process.exitCode = 1;
}

async function proveAll(stack: LocalStack): Promise<void> {
  const world = await openWorld(stack);
  try {
    const keeping = await proveKeeping(world, options);
    tell(keeping.proof);
    tell(await proveSilence(world, keeping));
    tell(await proveErasure(world, { kept: keeping.kept, erase: options.erase }));
    await world.stopServing();
    if (options.burst > 0) tell(await measureCost(world, options));
  } finally {
    await world.close();
  }
}

const stack = await startLocalStack({ dir: LOCAL_DIR, native: true, log: () => undefined });
try {
  await proveAll(stack);
} finally {
  killAllProcesses();
  await stack.stop();
}
