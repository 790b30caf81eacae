import { Command, CommanderError } from 'commander';
import { EXIT_CODES, exitCodeOf, messageOf } from '../contracts/errors.ts';
import type { CliBackend } from './backend.ts';
import { registerConfig } from './commands/config.ts';
import { registerDecide } from './commands/decide.ts';
import { registerDlq } from './commands/dlq.ts';
import { registerDoctor } from './commands/doctor.ts';
import { registerEmulator } from './commands/emulator.ts';
import { registerErase } from './commands/erase.ts';
import { registerEvidence } from './commands/evidence.ts';
import { registerGate } from './commands/gate.ts';
import { registerHint } from './commands/hint.ts';
import { registerList } from './commands/list.ts';
import { registerReplay } from './commands/replay.ts';
import { registerSetup } from './commands/setup.ts';
import { registerShow } from './commands/show.ts';
import { registerSubmit } from './commands/submit.ts';
import { registerWatch } from './commands/watch.ts';
import type { CliContext, RegisterCommand } from './context.ts';
import type { CliIo } from './io.ts';

const COMMANDS: readonly RegisterCommand[] = [
  registerSubmit,
  registerShow,
  registerList,
  registerWatch,
  registerHint,
  registerGate,
  registerReplay,
  registerDecide,
  registerDlq,
  registerEvidence,
  registerErase,
  registerSetup,
  registerDoctor,
  registerConfig,
  registerEmulator,
];

const HELP = `
Exit codes: 0 ok, 1 the command's own negative answer, 64 usage, 69 a dependency is unavailable, 70 internal, 78 configuration.
Settings come from VF_* and TEMPORAL_* variables: see "verdictflow config --help".`;

type CliOptions = { readonly io: CliIo; readonly backend: CliBackend; readonly version: string };

/** The whole command line as a commander program; the docs are generated from it. */
export function createProgram(context: CliContext, version: string): Command {
  const { io } = context;
  const program = new Command('verdictflow');
  // Sub-commands inherit these only if they are set before the sub-commands are made.
  program
    .description('submit, watch and steer face verifications')
    .version(version, '--version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .showSuggestionAfterError(true)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout(text),
      writeErr: (text) => io.stderr(text),
      getOutHelpWidth: () => 120,
      getErrHelpWidth: () => 120,
    })
    .configureHelp({ showGlobalOptions: false })
    .addHelpText('after', HELP);
  for (const register of COMMANDS) register(program, context);
  return program;
}

/** Runs one command and returns its exit code. Never throws; problems go to standard error without a stack. */
export async function runCli(args: readonly string[], { io, backend, version }: CliOptions): Promise<number> {
  const context: CliContext = { io, backend, exitCode: EXIT_CODES.ok };
  const program = createProgram(context, version);
  try {
    if (args.length === 0) {
      program.outputHelp({ error: true });
      return EXIT_CODES.usage;
    }
    await program.parseAsync(args, { from: 'user' });
    return context.exitCode;
  } catch (error) {
    // Commander has printed its own message already; help and version are no errors.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_CODES.ok : EXIT_CODES.usage;
    io.stderr(`verdictflow ${args[0] ?? ''}: ${messageOf(error)}\n`);
    return exitCodeOf(error);
  }
}
