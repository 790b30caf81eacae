import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';
import { startLocalStack } from '../../../../src/localstack/stack.ts';
import { killAllProcesses } from '../../../support/process.ts';
import { proveAccount } from './account.ts';
import { proveHold } from './hold.ts';

const LOCAL_DIR = fileURLToPath(new URL('../../../../.local', import.meta.url));

export type ProofOptions = {
  readonly rate: number;
  readonly workers: number;
  readonly parked: number;
  readonly hold: number;
  readonly account: number;
};

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('A whole number from 1 to 999999.');
  return Number(text);
}

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

const stack = await startLocalStack({ dir: LOCAL_DIR, native: true, log: () => undefined });
try {
  for (const prove of [proveHold, proveAccount]) {
    const { findings, ...figures } = await prove(stack, options);
    process.stdout.write(`${JSON.stringify({ ...figures, findings })}\n`);
    if (findings.length > 0) process.exitCode = 1;
  }
} finally {
  killAllProcesses();
  await stack.stop();
}
