import { type Command, InvalidArgumentError } from 'commander';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import type { CliBackend } from './backend.ts';
import type { CliIo } from './io.ts';

export type CliContext = {
  readonly io: CliIo;
  readonly backend: CliBackend;
  /** Set by the command that ran. */
  exitCode: number;
};

/** Adds one command to the program. */
export type RegisterCommand = (program: Command, context: CliContext) => void;

export function cliConfig(context: CliContext): Config {
  return loadConfig(context.io.env, 'cli');
}

/** One JSON document, indented for people who look at it. */
export function printJson(io: CliIo, value: unknown): void {
  io.stdout(`${JSON.stringify(value, null, 2)}\n`);
}

export function parseCount(text: string): number {
  if (!/^\d{1,9}$/.test(text) || Number(text) < 1) throw new InvalidArgumentError('Write a whole number of at least 1.');
  return Number(text);
}

export function parseRate(text: string): number {
  if (!/^\d{1,6}(\.\d{1,3})?$/.test(text) || Number(text) <= 0) throw new InvalidArgumentError('Write a number above 0, per second.');
  return Number(text);
}

/** Collects `--attribute k=v --attribute …`. */
export function parsePair(text: string, previous: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Write name=value.');
  return { ...previous, [text.slice(0, at)]: text.slice(at + 1) };
}
