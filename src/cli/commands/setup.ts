import type { Command } from 'commander';
import { EXIT_CODES } from '../../contracts/errors.ts';
import { setUp, unfitTexts, warningsIn } from '../../operator/setup.ts';
import { using } from '../backend.ts';
import { cliConfig, type CliContext, printJson } from '../context.ts';
import { renderTable } from '../table.ts';

type Options = { readonly dryRun?: true; readonly json?: true };

const HELP = `
Idempotent: what exists is kept as it is, and warned of if it endangers records or reads. Exit code 1: a search attribute has
another type than the one needed; standard error says how to remove it. With --dry-run also: something is missing.

Examples:
  $ verdictflow setup --dry-run
  $ verdictflow setup --json`;

export function registerSetup(program: Command, context: CliContext): void {
  program
    .command('setup')
    .description('make the topics, the Temporal namespace and its search attributes')
    .option('--dry-run', 'only say what is missing')
    .option('--json', 'print one JSON document')
    .addHelpText('after', HELP)
    .action(async (options: Options) => {
      context.exitCode = await runSetup(options, context);
    });
}

async function runSetup(options: Options, context: CliContext): Promise<number> {
  const config = cliConfig(context);
  const dryRun = options.dryRun === true;
  const made = await using(context.backend.setup(config), async ({ ports }) => await setUp(ports, { dryRun }));
  if (options.json === true) printJson(context.io, { dryRun, results: made });
  else {
    context.io.stdout(
      renderTable(
        ['Result', 'What', 'Name'],
        made.map(({ result, what, name }) => [result, what, name]),
      ),
    );
    for (const warning of warningsIn(made)) context.io.stderr(`warning: ${warning}\n`);
  }
  for (const text of unfitTexts(made)) context.io.stderr(`verdictflow setup: ${text}\n`);
  return made.some(({ result }) => result === 'missing' || result === 'unfit') ? EXIT_CODES.negative : EXIT_CODES.ok;
}
