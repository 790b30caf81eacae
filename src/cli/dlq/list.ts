import { EXIT_CODES, ForeseenError, messageOf } from '../../contracts/errors.ts';
import { defined } from '../../domain/defined.ts';
import type { TopicSource } from '../../operator/dlq/ports.ts';
import { redrivenBefore, scan } from '../../operator/dlq/scan.ts';
import { using } from '../backend.ts';
import { cliConfig, type CliContext } from '../context.ts';
import { createProgress } from '../progress.ts';
import { type FilterOptions, readWanted } from './options.ts';
import { createCounts, letterJson, letterTable, unreadText } from './print.ts';

export type ListOptions = FilterOptions & { readonly limit?: number; readonly open?: true; readonly json?: true };

const SHOWN_AT_MOST = 100;

/** Prints the letters that are meant, and counts all of them. Returns the exit code. */
export async function listLetters(options: ListOptions, context: CliContext): Promise<number> {
  const { io } = context;
  const wanted = await readWanted([], { options, io });
  const config = cliConfig(context);
  const signal = io.interruption();
  const { limit = options.json === true ? Number.POSITIVE_INFINITY : SHOWN_AT_MOST } = options;
  const counts = createCounts();
  const rows: ReturnType<typeof letterJson>[] = [];
  let unread = 0;
  let shown = 0;
  await using(context.backend.deadLetters(config), async ({ source }) => {
    const { deadLetters: topic, audit: auditTopic } = config.kafka.topics;
    const redriven = await redrivenOrWarn(source, { topic, auditTopic, signal, context });
    const progress = createProgress(io);
    try {
      const onUnread = (one: Parameters<typeof unreadText>[0]): void => {
        unread += 1;
        progress.aside(() => io.stderr(unreadText(one)));
      };
      for await (const letter of scan(source, { topic, signal, onProgress: (done) => progress.update(done), onUnread })) {
        const redrivenAt = redriven?.at(letter);
        if (!wanted(letter) || (options.open === true && redrivenAt !== undefined)) continue;
        counts.add(letter, redrivenAt === undefined);
        if (shown >= limit) continue;
        shown += 1;
        const row = letterJson(letter, redrivenAt);
        if (options.json === true) progress.aside(() => io.stdout(`${JSON.stringify(row)}\n`));
        else rows.push(row);
      }
    } finally {
      progress.end();
    }
  });
  const complete = !signal.aborted && unread === 0;
  if (options.json === true)
    io.stdout(`${JSON.stringify({ totals: counts.json(), ...defined({ complete: complete ? undefined : false }) })}\n`);
  else if (counts.matched() === 0) io.stdout('none\n');
  else {
    const more = counts.matched() > shown ? `\n${shown} of ${counts.matched()} are shown; --limit shows more\n` : '';
    io.stdout(`${letterTable(rows)}${more}\n${counts.text()}`);
  }
  return complete ? EXIT_CODES.ok : EXIT_CODES.negative;
}

/** Undefined, and said so: which letters were sent again before is not known, because the audit topic cannot be read. */
export async function redrivenOrWarn(
  source: TopicSource,
  { context, ...options }: { topic: string; auditTopic: string; signal: AbortSignal; context: CliContext },
): Promise<Awaited<ReturnType<typeof redrivenBefore>> | undefined> {
  const { io } = context;
  try {
    return await redrivenBefore(source, { ...options, onUnread: (one) => io.stderr(unreadText(one)) });
  } catch (error) {
    if (!(error instanceof ForeseenError)) throw error;
    io.stderr(`verdictflow dlq: which letters were sent again before is not known: ${messageOf(error)}\n`);
    return undefined;
  }
}
