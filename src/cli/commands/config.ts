import { type Command, Option } from 'commander';
import type { Config } from '../../config/config.ts';
import { configHelp, effectiveSettings } from '../../config/describe.ts';
import { loadConfig } from '../../config/load.ts';
import { type Role, ROLES } from '../../config/roles.ts';
import { ConfigurationError, EXIT_CODES } from '../../contracts/errors.ts';
import { scenarioProblem } from '../../emulator/scenarios.ts';
import { type CliContext, printJson } from '../context.ts';
import { renderTable } from '../table.ts';

type Options = { readonly role: Role; readonly json?: true };

export function registerConfig(program: Command, context: CliContext): void {
  program
    .command('config')
    .description('check the settings and print them with their source; secrets are redacted')
    .addOption(new Option('--role <role>', 'check what this role needs').choices(ROLES).default('cli'))
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      () =>
        `\nExit code 78: the settings cannot work; every problem is listed.\nTemporal itself is configured by TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY and TEMPORAL_TLS_*.\nDurations: 500ms, 20s, 5m, 24h.\n\nSettings:\n${configHelp()}`,
    )
    .action((options: Options) => {
      assertScenario(loadConfig(context.io.env, options.role));
      const settings = effectiveSettings(context.io.env);
      if (options.json === true) printJson(context.io, { role: options.role, settings });
      else
        context.io.stdout(
          renderTable(
            ['Setting', 'Source', 'Value'],
            settings.map(({ name, source, value }) => [name, source, value ?? '–']),
          ),
        );
      context.exitCode = EXIT_CODES.ok;
    });
}

/** The settings know nothing of the emulator, which shares no code with them; its role is refused all the same. */
function assertScenario({ role, emulator }: Config): void {
  const problem = role === 'emulator' && emulator.scenario !== undefined ? scenarioProblem(emulator.scenario) : undefined;
  if (problem !== undefined) throw new ConfigurationError([`VF_EMULATOR_SCENARIO: ${problem}`]);
}
