import { parseArgs } from 'node:util';
import { SYSTEM_NAMES, type SystemName } from './systems/system.ts';

export type BenchOptions = {
  readonly systems: readonly SystemName[];
  readonly repetitions: number;
  readonly burstTokens: number;
  readonly ratesPerSecond: readonly number[];
  readonly openLoopMs: number;
  readonly idleMs: number;
  readonly jsonPath?: string;
  readonly profileDir?: string;
  readonly distDir?: string;
};

export const USAGE = `usage: npm run bench -- [options]
  --quick               one repetition and shorter loops
  --repetitions N       measured runs of each system (default 3)
  --systems a,b         ${SYSTEM_NAMES.join(',')} (default both)
  --burst N             tokens of the burst (default 1500; 0 leaves it out)
  --rates a,b           open loops, tokens/s (default 10,20)
  --open-loop-seconds N length of each open loop (default 30)
  --idle-seconds N      length of the idle measurement (default 20; 0 leaves it out)
  --dist DIR            measure the service built in DIR (a release, another branch) instead of building it
  --json FILE           also write every measurement to FILE
  --profile DIR         write a V8 CPU profile of each service to DIR (slows the service down)`;

/** Reads the command line. Throws a TypeError or RangeError that names the option at fault. */
export function parseOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      repetitions: { type: 'string' },
      systems: { type: 'string', default: SYSTEM_NAMES.join(',') },
      burst: { type: 'string', default: '1500' },
      rates: { type: 'string', default: '10,20' },
      'open-loop-seconds': { type: 'string' },
      'idle-seconds': { type: 'string' },
      json: { type: 'string' },
      profile: { type: 'string' },
      dist: { type: 'string' },
    },
  });
  return {
    systems: values.systems.split(',').map(systemName),
    repetitions: wholeNumber('--repetitions', { text: values.repetitions ?? (values.quick ? '1' : '3'), min: 1 }),
    burstTokens: wholeNumber('--burst', { text: values.burst, min: 0 }),
    ratesPerSecond: values.rates === '' ? [] : values.rates.split(',').map((text) => wholeNumber('--rates', { text, min: 1 })),
    openLoopMs: 1_000 * wholeNumber('--open-loop-seconds', { text: values['open-loop-seconds'] ?? (values.quick ? '15' : '30'), min: 1 }),
    idleMs: 1_000 * wholeNumber('--idle-seconds', { text: values['idle-seconds'] ?? (values.quick ? '10' : '20'), min: 0 }),
    ...(values.json !== undefined && { jsonPath: values.json }),
    ...(values.dist !== undefined && { distDir: values.dist }),
    ...(values.profile !== undefined && { profileDir: values.profile }),
  };
}

function systemName(text: string): SystemName {
  const name = SYSTEM_NAMES.find((known) => known === text);
  if (!name) throw new RangeError(`--systems: ${JSON.stringify(text)} is none of ${SYSTEM_NAMES.join(', ')}`);
  return name;
}

/** @throws a RangeError that names the option. */
export function wholeNumber(option: string, { text, min }: { text: string; min: number }): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min)
    throw new RangeError(`${option}: ${JSON.stringify(text)} is not a whole number of at least ${min}`);
  return value;
}
