import { type Command, Option } from 'commander';
import { examineConfig } from '../../config/load.ts';
import { ConfigurationError, EXIT_CODES } from '../../contracts/errors.ts';
import { CHECKS } from '../../operator/doctor/catalogue.ts';
import { examine } from '../../operator/doctor/examine.ts';
import { type ExaminedRole, type Finding, type Status, STATUSES } from '../../operator/doctor/findings.ts';
import { type CliContext, printJson } from '../context.ts';
import { allChecks } from '../doctor/checks.ts';

type Options = { readonly role: ExaminedRole; readonly json?: true };

const ROLES: readonly ExaminedRole[] = ['all', 'ingress', 'worker', 'cli'];

/** Of each check. Those that wait for a server say so earlier. */
const LIMIT_MS = 12_000;

const HELP = `
Run it where the service runs, with the same settings: it sees what the service would see. It changes nothing, makes no read and
leaves nothing. Every check is made, whatever comes of the others; docs/doctor.md lists them.

Exit code 1: at least one FAIL, also where a server cannot be reached or a setting cannot be used.

Examples:
  $ verdictflow doctor
  $ verdictflow doctor --role worker --json`;

export function registerDoctor(program: Command, context: CliContext): void {
  program
    .command('doctor')
    .description('examine settings, Kafka, Temporal, clocks, keys and the vendor; each line says what to do')
    .addOption(new Option('--role <role>', 'examine what this role needs').choices(ROLES).default('all'))
    .option('--json', 'print one JSON document')
    .addHelpText('after', HELP)
    .action(async (options: Options) => {
      context.exitCode = await runDoctor(options, context);
    });
}

async function runDoctor({ role, json }: Options, { io, backend }: CliContext): Promise<number> {
  const { problems, config } = examineConfig(io.env, role);
  if (config === undefined) throw new ConfigurationError(problems.map(({ text }) => text));
  const sights = await backend.sights(config);
  try {
    const checks = allChecks({
      env: io.env,
      role,
      problems,
      config,
      sights,
      now: () => io.now(),
      sleep: (durationMs) => io.sleep(durationMs),
    });
    const findings = await examine(checks, { limitMs: LIMIT_MS });
    const counts = countsOf(findings);
    const healthy = counts.FAIL === 0;
    if (json === true) printJson(io, { role, healthy, counts, findings });
    else io.stdout(`${findings.map(lineOf).join('')}\n${summary(counts)}\n`);
    return healthy ? EXIT_CODES.ok : EXIT_CODES.negative;
  } finally {
    await sights.close();
  }
}

const CHECK_WIDTH = Math.max(...Object.keys(CHECKS).map((id) => id.length));
const STATUS_WIDTH = Math.max(...STATUSES.map((status) => status.length));

function lineOf({ check, status, saw, remedy }: Finding): string {
  const line = `${status.padEnd(STATUS_WIDTH)}  ${check.padEnd(CHECK_WIDTH)}  ${saw}\n`;
  return remedy === undefined ? line : `${line}${' '.repeat(STATUS_WIDTH + CHECK_WIDTH + 4)}→ ${remedy}\n`;
}

function countsOf(findings: readonly Finding[]): Readonly<Record<Status, number>> {
  const count = (status: Status): number => findings.filter((one) => one.status === status).length;
  return { OK: count('OK'), WARN: count('WARN'), FAIL: count('FAIL'), SKIPPED: count('SKIPPED') };
}

function summary(counts: Readonly<Record<Status, number>>): string {
  return STATUSES.map((status) => `${counts[status]} ${status}`).join(', ');
}
