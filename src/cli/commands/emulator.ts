import type { Command } from 'commander';
import { defined } from '../../domain/defined.ts';
import { variables } from '../../config/env.ts';
import { SCENARIOS } from '../../emulator/scenarios.ts';
import type { CliContext } from '../context.ts';

type Options = { readonly port?: string; readonly log?: string; readonly acceptUnknown?: true; readonly scenario?: string };

const LINE_WIDTH = 116;

const HELP = `
Runs until SIGTERM or SIGINT. The ready line on standard output names the address for VF_FACEID_BASE_URL.
More settings: VF_EMULATOR_*, see "verdictflow config --help".

Scenarios (<n>: a number; a+b+c plays a, then b, then c):
${scenarioLines()}

Examples:
  $ verdictflow emulator --port 8085 --log reads.ndjson --accept-unknown`;

export function registerEmulator(program: Command, context: CliContext): void {
  program
    .command('emulator')
    .description('run the FaceID emulator: faithful quota, every documented answer')
    .option('--port <port>', `instead of VF_EMULATOR_PORT (default: ${defaultOf('VF_EMULATOR_PORT')}; 0 is any free port)`)
    .option('--log <path>', 'instead of VF_EMULATOR_LOG (default: no log)')
    .option('--scenario <name>', 'instead of VF_EMULATOR_SCENARIO (default: ready-pass; one of the names below)')
    .option('--accept-unknown', 'instead of VF_EMULATOR_ACCEPT_UNKNOWN=true')
    .option('--json', 'accepted for uniformity: its output is JSON already')
    .addHelpText('after', HELP)
    .action(async (options: Options) => {
      context.exitCode = await context.backend.emulator({ ...context.io.env, ...overrides(options) });
    });
}

function overrides({ port, log, acceptUnknown, scenario }: Options): Record<string, string> {
  return defined({
    VF_EMULATOR_PORT: port,
    VF_EMULATOR_LOG: log,
    VF_EMULATOR_SCENARIO: scenario,
    VF_EMULATOR_ACCEPT_UNKNOWN: acceptUnknown && 'true',
  });
}

function defaultOf(setting: string): string {
  return variables().find(({ name }) => name === setting)?.default ?? 'none';
}

function scenarioLines(): string {
  const lines: string[] = [];
  for (const { name } of SCENARIOS) {
    const last = lines.at(-1);
    if (last === undefined || last.length + name.length > LINE_WIDTH) lines.push(`  ${name}`);
    else lines[lines.length - 1] = `${last}, ${name}`;
  }
  return lines.join(',\n');
}
