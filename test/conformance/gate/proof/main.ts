import { Command } from 'commander';
import type { LocalStack } from '../../../../src/localstack/stack.ts';
import { wholeNumberFrom } from '../../../support/whole-number.ts';
import { type Proof, runProofs } from '../../proof.ts';
import { proveAccount } from './account.ts';
import { proveHold } from './hold.ts';

export type ProofOptions = {
  readonly rate: number;
  readonly workers: number;
  readonly parked: number;
  readonly hold: number;
  readonly account: number;
};

const wholeNumber = wholeNumberFrom(1);

const options = new Command('npm run prove:gate --')
  .description(
    'Holds the gate under load on real engines and the built service, kills every process and Temporal meanwhile, resumes, and judges by\n' +
      "the vendor's log; then measures the rate of the account. Exit code 0 when all of it held.\n" +
      'At full size (the defaults) it needs some 20 minutes and 4 cores; on 2 cores halve --rate.',
  )
  .option('--rate <n>', 'requests a second', wholeNumber, 20)
  .option('--workers <n>', 'worker processes', wholeNumber, 4)
  .option('--parked <n>', 'reads that wait, at least, before the hold goes on without load', wholeNumber, 2_000)
  .option('--hold <s>', 'how long no event may come from those that wait', wholeNumber, 600)
  .option('--account <n>', 'reads a second of the account, where that is measured', wholeNumber, 20)
  .showHelpAfterError('(--help lists the options)')
  .parse(process.argv)
  .opts<ProofOptions>();

async function* proofs(stack: LocalStack): AsyncGenerator<Proof> {
  yield await proveHold(stack, options);
  yield await proveAccount(stack, options);
}

await runProofs(proofs);
