import { Command, InvalidArgumentError, Option } from 'commander';
import { wholeNumberFrom } from '../../support/whole-number.ts';

export type StormOptions = {
  readonly seeds: readonly number[];
  readonly tokens: number;
  readonly seconds: number;
  readonly window: number;
  readonly share: number;
  readonly kills: number;
  readonly aimed: boolean;
  readonly actions: number;
};

const wholeNumber = wholeNumberFrom(1);

/** Reads the command line. Commander itself ends the process for `--help` and for options it refuses, which it names. */
export function stormOptions(args: readonly string[]): StormOptions {
  const command = new Command('npm run storm --')
    .description(
      'Storms on real engines and the built service: one after the other, a seed each. Exit code 0 when all of them were clean.\n' +
        'A storm needs some 2 cores and, at 12 tokens/s, 90 s per 1,000 tokens; its figures are appended to .local/storm-results.ndjson.',
    )
    .addOption(new Option('--seeds <a..b>', 'which schedules of actions, for example 7 or 1..20').argParser(seedsOf).default([1], '1'))
    .option('--tokens <n>', 'verifications of each storm', wholeNumber, 2_000)
    .option('--seconds <s>', 'how long faults and operators rage', wholeNumber, 180)
    .option('--window <s>', 'the compressed day in which a token can be read', wholeNumber, 100)
    .option('--share <part>', 'part of --seconds over which the tokens are submitted, above 0 and at most 1', partOf, 0.95)
    .option('--kills <n>', 'kill -9 of a worker or ingress; frozen are a third as many', wholeNumber, 30)
    .option('--aimed', 'each kill waits until an outcome arrives, and hits a worker', false)
    .option('--actions <n>', 'operations of an operator on a verification', wholeNumber, 200)
    .showHelpAfterError('(--help lists the options)');
  return command.parse([...args], { from: 'user' }).opts<StormOptions>();
}

function seedsOf(text: string): readonly number[] {
  const [from, to = from] = text.split('..').map((part) => wholeNumber(part));
  if (from === undefined || to === undefined || to < from || text.split('..').length > 2)
    throw new InvalidArgumentError('A seed, or two with .. between, the smaller one first.');
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

function partOf(text: string): number {
  const part = Number(text);
  if (text.trim() === '' || !(part > 0 && part <= 1)) throw new InvalidArgumentError('A number above 0, at most 1.');
  return part;
}
