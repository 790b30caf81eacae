import { type Command, Option } from 'commander';
import { defined } from '../../domain/defined.ts';
import { EXIT_CODES, exitCodeOf, messageOf } from '../../contracts/errors.ts';
import { REQUEST_PROFILES } from '../../domain/policy.ts';
import { fileProblem, UsageError } from '../../operator/errors.ts';
import { readSubmissions, type Submission, submit, type SubmitResult } from '../../operator/submit.ts';
import { using } from '../backend.ts';
import { cliConfig, type CliContext, parseCount, parsePair, parseRate, printJson } from '../context.ts';
import { createProgress } from '../progress.ts';
import { assertTokenOnStdin } from '../verification-id.ts';

type Options = {
  readonly token?: string;
  readonly file?: string;
  readonly issuedAt?: string;
  readonly policy?: string;
  readonly bizNo?: string;
  readonly attribute?: Readonly<Record<string, string>>;
  readonly rate?: number;
  readonly fromLine?: number;
  readonly dryRun?: true;
  readonly json?: true;
};

const HELP = `
Tokens are secrets: they are read from standard input or a file, never from the command line.
Submitting a token again is harmless: it has one verification, the first request wins.
Exit code 1: the topic refuses a record. 69: Kafka is away. Both say with which line to go on.

Examples:
  $ printf '%s' "$TOKEN" | verdictflow submit --token -
  $ verdictflow submit --file tokens.txt --policy completed --rate 50
  $ verdictflow submit --file requests.ndjson --dry-run --json`;

export function registerSubmit(program: Command, context: CliContext): void {
  program
    .command('submit')
    .description('write verification requests to the request topic and print their verification ids')
    .option('--token <->', 'one token, from standard input: --token -')
    .option('--file <path>', 'one token or one JSON request per line; - is standard input')
    .option('--issued-at <instant>', 'when the tokens were issued, RFC 3339 (default: now)')
    .addOption(
      new Option('--policy <profile>', 'profile that plans the reads; absent: VF_POLICY_PROFILE of the service').choices(REQUEST_PROFILES),
    )
    .option('--biz-no <text>', "the caller's business number")
    .option('--attribute <name=value>', 'copied to the outcome; may be repeated', parsePair)
    .option('--rate <per-second>', 'records per second at most', parseRate)
    .option('--from-line <number>', 'go on with this line of the input', parseCount)
    .option('--dry-run', 'check the input and print the ids, write nothing')
    .option('--json', 'print one JSON document')
    .addHelpText('after', HELP)
    .action(async (options: Options) => {
      context.exitCode = await runSubmit(options, context);
    });
}

async function runSubmit(options: Options, context: CliContext): Promise<number> {
  const config = cliConfig(context);
  const submissions = fromLine(readSubmissions(await readInput(options, context), defaultsOf(options)), options.fromLine);
  if (options.dryRun === true) {
    report(submissions, { options, context });
    return EXIT_CODES.ok;
  }
  const progress = createProgress(context.io, submissions.length);
  const written: Submission[] = [];
  const result = await using(
    context.backend.publisher(config),
    async ({ publisher }) =>
      await submit(submissions, {
        topic: config.kafka.topics.requests,
        publisher,
        ...defined({ rate: options.rate }),
        clock: context.io,
        onSubmitted: (submission, done) => {
          written.push(submission);
          progress.update(done);
        },
      }),
  );
  progress.end();
  report(written, { options, context });
  return conclude(result, { total: submissions.length, context });
}

function fromLine(all: readonly Submission[], first = 1): readonly Submission[] {
  const rest = all.filter(({ line }) => line >= first);
  if (rest.length > 0) return rest;
  throw new UsageError(`--from-line: the last request of the input is in line ${all.at(-1)?.line ?? 0}; write that or an earlier one`);
}

async function readInput(options: Options, { io }: CliContext): Promise<string> {
  if (options.token !== undefined && options.file !== undefined) throw new UsageError('give either --token - or --file, not both');
  assertTokenOnStdin(options.token);
  if (options.file !== undefined && options.file !== '-') return await readFileOrExplain(options.file, io);
  if (io.stdinIsTerminal && options.token === undefined && options.file === undefined) {
    throw new UsageError('nothing to submit: give --file <path>, or tokens on standard input');
  }
  return await io.readStdin();
}

async function readFileOrExplain(path: string, io: CliContext['io']): Promise<string> {
  try {
    return await io.readFile(path);
  } catch (error) {
    throw fileProblem(path, error);
  }
}

function defaultsOf({ issuedAt, policy, bizNo, attribute }: Options) {
  return {
    ...defined({ issuedAt, policy, bizNo, attributes: attribute }),
  };
}

function report(submissions: readonly Submission[], { options, context }: { options: Options; context: CliContext }): void {
  const verifications = submissions.map(({ line, verificationId }) => ({ line, verificationId }));
  if (options.json === true) printJson(context.io, { dryRun: options.dryRun === true, submitted: verifications.length, verifications });
  else context.io.stdout(verifications.map(({ verificationId }) => `${verificationId}\n`).join(''));
}

function conclude(result: SubmitResult, { total, context }: { total: number; context: CliContext }): number {
  if (result.error === undefined) return EXIT_CODES.ok;
  const resume = `${result.submitted} of ${total} written; go on with --from-line ${result.lastLine + 1}`;
  context.io.stderr(`verdictflow submit: ${messageOf(result.error)}\n${resume}\n`);
  return exitCodeOf(result.error);
}
