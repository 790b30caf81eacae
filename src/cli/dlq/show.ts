import { EXIT_CODES } from '../../contracts/errors.ts';
import { DEAD_LETTER_HEADERS as H } from '../../contracts/wire/dead-letter.ts';
import { readPlace } from '../../operator/dlq/filter.ts';
import { type Letter, originText, placeText } from '../../operator/dlq/letter.ts';
import { letterAt } from '../../operator/dlq/scan.ts';
import { type LetterSummary, summaryOf } from '../../operator/dlq/summary.ts';
import { using } from '../backend.ts';
import { cliConfig, type CliContext, printJson } from '../context.ts';
import { renderFields, renderTable } from '../table.ts';
import { redrivenOrWarn } from './list.ts';
import { instantText, letterJson, unreadText } from './print.ts';

/** Prints one letter without anything that may be secret. Returns the exit code. */
export async function showLetter(
  text: string,
  { json, context }: { readonly json: boolean; readonly context: CliContext },
): Promise<number> {
  const { io } = context;
  const place = readPlace(text);
  const config = cliConfig(context);
  const { deadLetters: topic, audit: auditTopic } = config.kafka.topics;
  return await using(context.backend.deadLetters(config), async ({ source }) => {
    const letter = await letterAt(source, { topic, ...place });
    if (letter === undefined || 'why' in letter) {
      io.stderr(
        letter === undefined
          ? `verdictflow dlq show: topic ${topic} holds no record at ${placeText(place)} (any more)\n`
          : unreadText(letter),
      );
      return EXIT_CODES.negative;
    }
    const redriven = await redrivenOrWarn(source, { topic, auditTopic, signal: io.interruption(), context });
    const row = letterJson(letter, redriven?.at(letter));
    const summary = summaryOf(letter);
    if (json) printJson(io, { topic, ...row, ...about(letter), ...summary });
    else io.stdout(render(letter, { row, summary, topic }));
    return EXIT_CODES.ok;
  });
}

function about({ said, timestampMs }: Letter) {
  return {
    message: said[H.message] ?? null,
    attempts: said[H.attempts] ?? null,
    group: said[H.group] ?? null,
    recordTimestamp: timestampMs === undefined ? null : instantText(timestampMs),
  };
}

type Shown = { readonly row: ReturnType<typeof letterJson>; readonly summary: LetterSummary; readonly topic: string };

function render(letter: Letter, { row, summary, topic }: Shown): string {
  const { said, origin, record } = letter;
  const stub =
    said[H.stub] === undefined
      ? undefined
      : `of a value of ${said[H.valueBytes] ?? 'unknown'} bytes; the whole record was at its own place`;
  const facts = about(letter);
  const fields = renderFields([
    ['Dead letter', `${topic} ${row.place} (partition/offset)`],
    ['Came from', origin && `${originText(origin)} (topic/partition/offset)`],
    ['Record of', facts.recordTimestamp ?? undefined],
    ['Put aside', row.putAsideAt],
    [
      'Why',
      row.reason === null
        ? 'it is no dead letter of verdictflow'
        : `${row.reason} at ${row.stage ?? '–'}, attempts ${facts.attempts ?? '–'}`,
    ],
    ['In words', facts.message ?? undefined],
    ['Group', facts.group ?? undefined],
    ['Verification', row.verificationId],
    ['Producer', row.producer],
    ['Came back', row.redrives === 0 ? undefined : `${row.redrives} time(s) after a redrive`],
    ['Sent again', row.redrivenAt],
    ['Stub', stub],
    ['Key', summary.key],
    ['Value', summary.value],
    ['SHA-256', summary.valueSha256],
  ]);
  const data = summary.fields.map((text) => `  ${text}\n`).join('');
  const headers = renderTable(
    ['Header', 'Bytes', 'Says'],
    summary.headers.map(({ name, bytes, shown }) => [name, bytes === null ? 'null' : String(bytes), shown ?? '(not shown)']),
  );
  return `${fields}${data}\n${headers}\n${howToRead(topic, record)}`;
}

/** What the producer wrote is secret: who may read the topic gets it from Kafka's own tools. */
function howToRead(topic: string, { partition, offset }: Letter['record']): string {
  return (
    'The bytes hold what the producer wrote, a token perhaps: whoever may read the topic gets them by\n' +
    `  kafka-console-consumer.sh --bootstrap-server "$VF_KAFKA_BROKERS" --topic ${topic} --partition ${partition} --offset ${offset} --max-messages 1\n`
  );
}
