import { Command } from 'commander';
import type { LocalStack } from '../../../src/localstack/stack.ts';
import { wholeNumberFrom } from '../../support/whole-number.ts';
import { type Proof, runProofs } from '../proof.ts';
import { measureCost } from './cost.ts';
import { proveErasure } from './erasure.ts';
import { proveKeeping } from './keeping.ts';
import { proveSilence } from './silence.ts';
import { openWorld } from './world.ts';

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

const some = wholeNumberFrom(1);
const someOrNone = wholeNumberFrom(0);

const options = new Command('npm run prove:evidence --')
  .description(
    'Keeps images of many verifications in real S3 servers, one for the objects and one for the keys, on real engines and the built service,\n' +
      "while servers and workers are killed, and judges by the vendor's log; searches every byte that is left for images, tokens and keys; erases\n" +
      'some and tries to open them with the key-encryption key in hand; measures what images cost. A line of JSON a proof; exit code 0 when all held.\n' +
      'At full size (the defaults) it needs some 4 minutes on 2 cores, and versitygw (CONTRIBUTING.md, Engines).',
  )
  .option('--tokens <n>', 'verifications', some, 1_000)
  .option('--rate <n>', 'requests a second', some, 14)
  .option('--image-bytes <n>', 'size of most images', some, 300_000)
  .option('--large <n>', 'verifications with images of 12 MB', someOrNone, 20)
  .option('--store-kills <n>', 'kill -9 of an S3 server, for seconds each', someOrNone, 5)
  .option('--worker-kills <n>', 'kill -9 of a worker', someOrNone, 6)
  .option('--erase <n>', 'verifications to erase', some, 100)
  .option('--burst <n>', 'verifications of a burst in which the cost is measured; 0: not measured', someOrNone, 120)
  .showHelpAfterError('(--help lists the options)')
  .parse(process.argv)
  .opts<ProofOptions>();

async function* proofs(stack: LocalStack): AsyncGenerator<Proof> {
  const world = await openWorld(stack);
  try {
    const keeping = await proveKeeping(world, options);
    yield keeping.proof;
    yield await proveSilence(world, keeping);
    yield await proveErasure(world, { kept: keeping.kept, erase: options.erase });
    await world.stopServing();
    if (options.burst > 0) yield await measureCost(world, options);
  } finally {
    await world.close();
  }
}

await runProofs(proofs);
