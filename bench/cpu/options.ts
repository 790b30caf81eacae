import { parseArgs } from 'node:util';
import { wholeNumber } from '../options.ts';

export type CpuOptions = {
  readonly burstTokens: number;
  readonly repetitions: number;
  /** Folders of builds to compare; none: the present sources are built. */
  readonly distDirs: readonly string[];
  readonly isProfiled: boolean;
};

export const USAGE = `usage: npx tsx bench/cpu/main.ts [options]
  --burst N        tokens of each burst (default 1500)
  --repetitions N  measured bursts of each build (default 3)
  --dist A,B       compare the builds in these folders, in turns, instead of building one; the first is taken apart
  --no-profile     leave out the profiled burst at the end`;

/** Reads the command line. Throws a TypeError or RangeError that names the option at fault. */
export function parseCpuOptions(args: readonly string[]): CpuOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      burst: { type: 'string', default: '1500' },
      repetitions: { type: 'string', default: '3' },
      dist: { type: 'string', default: '' },
      'no-profile': { type: 'boolean', default: false },
    },
  });
  return {
    burstTokens: wholeNumber('--burst', { text: values.burst, min: 1 }),
    repetitions: wholeNumber('--repetitions', { text: values.repetitions, min: 1 }),
    distDirs: foldersIn(values.dist),
    isProfiled: !values['no-profile'],
  };
}

export type ReplayOptions = {
  readonly times: number;
  readonly takes: number;
  /** Folders of builds to compare; none: the present sources are built. */
  readonly distDirs: readonly string[];
  readonly showsMakers: boolean;
};

export const REPLAY_USAGE = `usage: npx tsx bench/cpu/replays.ts [options]
  --times N   re-executions of each history in one take (default 200)
  --takes N   takes of each kind and build, in turns (default 3)
  --dist A,B  compare the builds in these folders instead of building one
  --makers    name the functions that make the promises`;

/** Reads the command line. Throws a TypeError or RangeError that names the option at fault. */
export function parseReplayOptions(args: readonly string[]): ReplayOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      times: { type: 'string', default: '200' },
      takes: { type: 'string', default: '3' },
      dist: { type: 'string', default: '' },
      makers: { type: 'boolean', default: false },
    },
  });
  return {
    times: wholeNumber('--times', { text: values.times, min: 1 }),
    takes: wholeNumber('--takes', { text: values.takes, min: 1 }),
    distDirs: foldersIn(values.dist),
    showsMakers: values.makers,
  };
}

/** Of `--dist A,B`; none: the present sources are built. */
function foldersIn(text: string): readonly string[] {
  return text === '' ? [] : [...new Set(text.split(','))];
}
