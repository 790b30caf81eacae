import type { Command } from 'commander';
import { EXIT_CODES } from '../../contracts/errors.ts';
import { gateLimitText } from '../../contracts/text/gate.ts';
import { defined } from '../../domain/defined.ts';
import { isHeld, type SinceThen } from '../../domain/gate/gate.ts';
import type { GateStatus } from '../../operator/ports.ts';
import { using } from '../backend.ts';
import { cliConfig, type CliContext, printJson } from '../context.ts';
import { mandateOf, type MandateOptions } from '../mandate.ts';
import { renderFields } from '../table.ts';

type Options = MandateOptions & { readonly json?: true };

const STATUS_HELP = `
Asks Temporal alone, so it answers without any worker. Exit code 1: no read may begin now. 69: Temporal is away.

Examples:
  $ verdictflow gate status
  $ verdictflow gate status --json`;

const EFFECTS = {
  hold: 'From a second after the answer no worker begins a read.',
  resume: 'One read tries the vendor first; if it meets what the gate was held for, the gate is held again.',
} as const;

const orderHelp = (what: keyof typeof EFFECTS): string => `
The gate is that of the vendor account that VF_FACEID_BASE_URL names. ${EFFECTS[what]}
Exit code 1: it changes nothing, e.g. because the gate is held already; standard error says since when, by whom and why.
69: Temporal is away, or no worker took the order in 20 s.

Examples:
  $ verdictflow gate hold --reason "the vendor asks to stop" --ticket INC-7
  $ verdictflow gate resume --operator jane --reason "the vendor has confirmed that it is back"`;

/** The switch that holds every read of the vendor account. */
export function registerGate(program: Command, context: CliContext): void {
  const gate = program.command('gate').description('hold every read of the vendor account, or let them begin again');
  gate
    .command('status', { isDefault: true })
    .description('whether reads begin, since when, by whom and why, and how many wait')
    .option('--json', 'print one JSON document')
    .addHelpText('after', STATUS_HELP)
    .action(async (options: Options) => {
      context.exitCode = await runStatus(options, context);
    });
  orderable(gate.command('hold').description('let no read begin; those that are due wait, and their deadlines run on'), 'hold', context);
  orderable(gate.command('resume').description('let reads begin again: one tries the vendor, then more and more'), 'resume', context);
}

function orderable(command: Command, what: 'hold' | 'resume', context: CliContext): void {
  command
    .option('--operator <name>', 'who orders it, no e-mail address (default: $USER)')
    .option('--reason <text>', 'why (required)')
    .option('--ticket <id>', 'where it was asked for')
    .option('--json', 'print one JSON document')
    .addHelpText('after', orderHelp(what))
    .action(async (options: Options) => {
      context.exitCode = await runOrder(what, { options, context });
    });
}

async function runStatus({ json }: Options, context: CliContext): Promise<number> {
  const config = cliConfig(context);
  const status = await using(context.backend.gate(config), async ({ gate }) => await gate.status());
  if (json === true) printJson(context.io, { ...status, readsHeld: isHeld(status.state) });
  else context.io.stdout(render(status));
  return isHeld(status.state) ? EXIT_CODES.negative : EXIT_CODES.ok;
}

type Ordering = { readonly options: Options; readonly context: CliContext };

async function runOrder(what: 'hold' | 'resume', { options, context }: Ordering): Promise<number> {
  const { io } = context;
  const { operator, reason, ticket } = mandateOf(options, { env: io.env, what: what === 'hold' ? 'reads are held' : 'reads begin again' });
  const config = cliConfig(context);
  const mandate = { operator, reason, ...defined({ ticket }) };
  const answer = await using(context.backend.gate(config), async ({ gate }) => await gate.order(what, mandate));
  if (options.json === true) printJson(io, answer);
  if (answer.result === 'REFUSED') {
    io.stderr(`verdictflow gate ${what}: ${answer.why}\n`);
    return EXIT_CODES.negative;
  }
  const { view } = answer;
  if (options.json !== true) {
    const waiting = view.readsWaiting === undefined ? '' : `; ${view.readsWaiting} reads wait`;
    io.stdout(`${view.says}: ${gateLimitText(view.state)}${waiting}\n`);
  }
  if (!view.queueFollows)
    io.stderr(`verdictflow gate ${what}: workers heed it, but the queue on the server does not follow yet; it is told until it does\n`);
  return EXIT_CODES.ok;
}

function render({ region, workflowId, state, queue }: GateStatus): string {
  const { hold } = state;
  return renderFields([
    ['Gate', `${region} (${workflowId})`],
    ['State', state.phase],
    ['Now', gateLimitText(state)],
    ...sinceFields('', state),
    ...(hold === undefined || state.phase === 'HELD' ? [] : sinceFields('Held ', hold)),
    ['Canary', state.canary?.verificationId],
    ['Reads that wait', `${queue.waiting} on ${queue.name}`],
    ['Limit of the queue', queue.perSecond === undefined ? 'none' : `${queue.perSecond} a second`],
    ['Workers on the queue', String(queue.pollers)],
  ]);
}

function sinceFields(prefix: string, { sinceAt, by, reason, ticket }: SinceThen): readonly (readonly [string, string | undefined])[] {
  const named = (name: string): string => (prefix === '' ? name : `${prefix}${name.toLowerCase()}`);
  return [
    [named('Since'), sinceAt],
    [named('By'), by],
    [named('Because'), reason],
    [named('Ticket'), ticket],
  ];
}
