import { type Command, Option } from 'commander';
import { EXIT_CODES } from '../../contracts/errors.ts';
import { defined } from '../../domain/defined.ts';
import { exhausted } from '../../domain/exhaustive.ts';
import { workflowIdOf } from '../../domain/ids.ts';
import { HINT_KINDS, type HintKind } from '../../domain/state.ts';
import { UsageError } from '../../operator/errors.ts';
import { createTokenCheck } from '../../operator/secret-words.ts';
import { sendTrustedHint, type TrustedHintResult } from '../../operator/trusted-hint.ts';
import { using } from '../backend.ts';
import { cliConfig, type CliContext, printJson } from '../context.ts';
import { mandateOf, type MandateOptions } from '../mandate.ts';
import { readVerificationId } from '../verification-id.ts';

type Options = MandateOptions & {
  readonly token?: string;
  readonly kind: HintKind;
  readonly trusted?: true;
  readonly json?: true;
};

const HELP = `
A hint only advises: it brings the next planned read forward. With --trusted it may also use the last read, so say it
only if the session is known to be over. Who says so and why goes to the audit topic first; without that record nothing
is signalled. Exit code 1: no such verification is running,
or it takes no further hints. With --trusted also: the audit topic refuses the record. 69: Temporal or Kafka is away.

Examples:
  $ verdictflow hint abcdefghijklmnopqrstuvwxyz
  $ verdictflow hint abcdefghijklmnopqrstuvwxyz --kind SESSION_FAILED --trusted --reason "the user has called" --ticket INC-7`;

export function registerHint(program: Command, context: CliContext): void {
  program
    .command('hint')
    .argument('[verificationId]', 'verification id or workflow id')
    .description('tell a verification that its session has ended')
    .option('--token <->', 'the verification of the token on standard input: --token -')
    .addOption(new Option('--kind <kind>', 'how it ended').choices(HINT_KINDS).default(HINT_KINDS[0]))
    .option('--trusted', 'the hint may use the last read early; goes to the audit topic')
    .option('--reason <text>', 'why it is trusted (required with --trusted)')
    .option('--operator <name>', 'who says so, no e-mail address (with --trusted; default: $USER)')
    .option('--ticket <id>', 'where it was asked for (with --trusted)')
    .option('--json', 'print one JSON document')
    .addHelpText('after', HELP)
    .action(async (id: string | undefined, options: Options) => {
      context.exitCode = await runHint(id, { options, context });
    });
}

async function runHint(id: string | undefined, { options, context }: { options: Options; context: CliContext }): Promise<number> {
  const send = options.trusted === true ? trusted(options, context) : untrusted(options, context);
  const verificationId = await readVerificationId({ id, token: options.token }, context.io);
  const answer = await send(verificationId);
  const { kind, json } = options;
  const { auditId } = { auditId: undefined, ...answer };
  if (json === true) {
    printJson(context.io, { verificationId, kind, trusted: options.trusted === true, result: answer.result, ...defined({ auditId }) });
  } else if (answer.result === 'DELIVERED') context.io.stdout(`delivered to ${verificationId}\n`);
  const { code, why } = saidOf(answer, verificationId);
  const record = auditId === undefined ? '' : `; its audit record is ${auditId}`;
  if (why !== undefined) context.io.stderr(`verdictflow hint: ${why}${record}\n`);
  return code;
}

/** The exit code, and what people are told unless it was delivered. */
function saidOf(answer: TrustedHintResult, verificationId: string): { readonly code: number; readonly why?: string } {
  switch (answer.result) {
    case 'DELIVERED':
      return { code: EXIT_CODES.ok };
    case 'NOT_FOUND':
      return { code: EXIT_CODES.negative, why: `verification ${verificationId} is not running (never started, or ended)` };
    case 'REFUSED':
      return { code: EXIT_CODES.negative, why: `verification ${verificationId} takes no further hints; its planned reads go on` };
    case 'UNAUDITED': {
      const { error } = answer;
      return { code: error.exitCode, why: `there is no audit record, so nothing was signalled: ${error.message}` };
    }
    case 'UNCONFIRMED':
      return { code: answer.error.exitCode, why: `nobody knows whether it arrived (\`show\` may tell): ${answer.error.message}` };
    default:
      return exhausted(answer, { code: EXIT_CODES.internal });
  }
}

type Send = (verificationId: string) => Promise<TrustedHintResult>;

function untrusted({ kind, operator, reason, ticket }: Options, context: CliContext): Send {
  if ([operator, reason, ticket].some((given) => given !== undefined)) {
    throw new UsageError('--operator, --reason and --ticket go with --trusted: another hint is not audited');
  }
  const config = cliConfig(context);
  return async (verificationId) =>
    await using(context.backend.temporal(config), async ({ hints }) => ({
      result: await hints.send(workflowIdOf(verificationId), { kind, trusted: false }),
    }));
}

function trusted(options: Options, context: CliContext): Send {
  const { backend, io } = context;
  const mandate = mandateOf(options, { env: io.env, what: 'it is trusted' });
  const config = cliConfig(context);
  const assertNoToken = createTokenCheck(mandate);
  return async (verificationId) => {
    await assertNoToken(verificationId);
    return await using(
      backend.temporal(config),
      async ({ reader, hints }) =>
        await using(backend.publisher(config), async ({ publisher }) => {
          const order = { verificationId, kind: options.kind, mandate, requestedAt: new Date(io.now()).toISOString() };
          return await sendTrustedHint({ reader, hints, publisher, topic: config.kafka.topics.audit }, order);
        }),
    );
  };
}
