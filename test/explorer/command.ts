import { Command, Option } from 'commander';
import { wholeNumberFrom } from '../support/whole-number.ts';
import { type Size, SIZES } from './size.ts';

export type ExploreOptions = {
  readonly size: readonly string[];
  readonly more: number;
  readonly reads?: number;
  readonly acts?: number;
  readonly losses?: number;
  readonly states: number;
  readonly everywhere: boolean;
  readonly controls: boolean;
};

const wholeNumber = wholeNumberFrom(0);

/** Reads the command line. Commander itself ends the process for `--help` and for options it refuses, which it names. */
export function exploreOptions(args: readonly string[]): ExploreOptions {
  const names = SIZES.map(({ name }) => name);
  const command = new Command('npm run explore --')
    .description(
      'Walks through every state of the quota protocol in small worlds, larger ones than npm test has time for.\n' +
        'Exit code 0 when everything holds; else a shortest way to what is broken is told, and the exit code is 1.',
    )
    .addOption(new Option('--size <names...>', 'only these').choices(names).default(names, 'all'))
    .option('--more <n>', 'acts and losses beyond those of npm test, where the size has any', wholeNumber, 1)
    .option('--reads <n>', 'reads that the vendor allows, in every size', wholeNumber)
    .option('--acts <n>', 'acts of operators, in every size', wholeNumber)
    .option('--losses <n>', 'losses, in every size', wholeNumber)
    .option('--states <n>', 'stop a size after so many states; a million takes some 3 GB', wholeNumber, 1_000_000)
    .option('--everywhere', 'act and lose also at moments for which another one stands', false)
    .option('--controls', 'instead: take parts of the protocol out, one at a time, and show what is found then', false)
    .showHelpAfterError('(--help lists the options)');
  return command.parse([...args], { from: 'user' }).opts<ExploreOptions>();
}

/** The sizes that were asked for, as large as was asked for. */
export function sizesOf({ size: names, more, reads, acts, losses, everywhere }: ExploreOptions): readonly Size[] {
  return SIZES.filter(({ name }) => names.includes(name)).map((size) => {
    const { atMost } = size;
    const largest = {
      acts: size.acts.length === 0 ? 0 : (acts ?? atMost.acts + more),
      losses: losses ?? (atMost.losses === 0 ? 0 : atMost.losses + more),
    };
    return { ...size, maxReads: reads ?? size.maxReads, atMost: largest, everywhere };
  });
}
