import type { Command } from 'commander';
import type { CliContext } from '../../src/cli/context.ts';
import type { CliIo } from '../../src/cli/io.ts';
import { createProgram } from '../../src/cli/program.ts';
import { markdownTable } from './tables.ts';

/** The command line as it is registered; nothing of it is run. */
export function cliProgram(): Command {
  return createProgram(UNUSED, '0.0.0');
}

/** Every command with its options. */
export function commandTable(): string {
  const rows = leavesOf(cliProgram()).map((command) => [`\`${usageOf(command)}\``, command.description(), optionsOf(command)]);
  return markdownTable(['Command', 'What it does', 'Options besides `--json`'], rows);
}

function usageOf(command: Command): string {
  const given = command.registeredArguments.map((argument) => {
    const name = argument.variadic ? `${argument.name()}...` : argument.name();
    return argument.required ? `<${name}>` : `[${name}]`;
  });
  return [pathOf(command), ...given].join(' ');
}

/** The commands that do something: those without commands of their own. */
export function leavesOf(program: Command): readonly Command[] {
  return program.commands.flatMap((command) => (command.commands.length === 0 ? [command] : leavesOf(command)));
}

/** E.g. `verdictflow replay run`. */
export function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

function optionsOf(command: Command): string {
  const flags = command.options.map(({ flags: text }) => text).filter((text) => text !== '--json');
  return flags.length === 0 ? '–' : flags.map((text) => `\`${text}\``).join(' ');
}

function refuse(): never {
  throw new Error('this is not to be used here');
}

/** An outside that nothing may touch. */
export const UNUSED_IO: CliIo = {
  env: {},
  stdout: refuse,
  stderr: refuse,
  readStdin: refuse,
  readFile: refuse,
  writeFile: refuse,
  keepFile: refuse,
  placeAt: refuse,
  lines: refuse,
  journal: refuse,
  confirm: refuse,
  interruption: refuse,
  stdinIsTerminal: false,
  interactive: false,
  columns: refuse,
  screen: () => undefined,
  isRepeatable: refuse,
  now: () => 0,
  monotonicMs: refuse,
  sleep: refuse,
};

const UNUSED: CliContext = {
  exitCode: 0,
  io: UNUSED_IO,
  backend: {
    temporal: refuse,
    replay: refuse,
    gate: refuse,
    deadLetters: refuse,
    publisher: refuse,
    lag: refuse,
    vault: refuse,
    setup: refuse,
    sights: refuse,
    emulator: refuse,
  },
};
