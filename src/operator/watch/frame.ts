import { durationText, fromNowText } from '../../contracts/text/duration.ts';
import type { TopicLag } from '../ports.ts';
import { oneLine } from '../timeline/lines.ts';
import { stamp } from '../timeline/render-text.ts';
import { type Overview, RATE_OVER_MS, type Seen, type Snapshot } from './snapshot.ts';

/** What was last seen of each part, for as long as it is away. */
export type Remembered = {
  readonly overview?: { readonly atMs: number; readonly value: Overview };
  readonly lag?: { readonly atMs: number; readonly value: readonly TopicLag[] };
};

export function remember(before: Remembered, { atMs, overview, lag }: Snapshot): Remembered {
  return {
    ...before,
    ...(overview.kind === 'SEEN' ? { overview: { atMs, value: overview.value } } : {}),
    ...(lag.kind === 'SEEN' ? { lag: { atMs, value: lag.value } } : {}),
  };
}

type Part = (snapshot: Snapshot, remembered: Remembered) => readonly string[];

/** The parts of a screen, from top to bottom; another one is another line here. */
const PARTS: readonly Part[] = [
  ({ atMs }) => [`verdictflow  ${stamp(new Date(atMs).toISOString())} UTC`, ''],
  (snapshot, { overview }) => part(snapshot, { seen: snapshot.overview, last: overview, name: 'Temporal', lines: overviewLines }),
  (snapshot, { lag }) => part(snapshot, { seen: snapshot.lag, last: lag, name: 'Kafka', lines: lagLines }),
  ({ atMs }, { overview }) => ['', ...deadlineLines(overview?.value, atMs)],
];

/** One screen, or one block of a log. */
export function frameOf(snapshot: Snapshot, remembered: Remembered): readonly string[] {
  return PARTS.flatMap((one) => one(snapshot, remembered));
}

type Shown<T> = {
  readonly seen: Seen<T>;
  readonly last: { readonly atMs: number; readonly value: T } | undefined;
  readonly name: string;
  readonly lines: (value: T) => readonly string[];
};

function part<T>({ atMs }: Snapshot, { seen, last, name, lines }: Shown<T>): readonly string[] {
  const known = last === undefined ? [] : lines(last.value);
  if (seen.kind === 'SEEN') return known;
  const since = last === undefined ? '' : ` for ${durationText(atMs - last.atMs)}, what follows is of then`;
  return [`!! ${name} does not answer${since}: ${oneLine(seen.why)}`, ...known];
}

function overviewLines({ running, stages, bySlot, started, ended }: Overview): readonly string[] {
  const out = Object.values(ended).reduce((sum, count) => sum + count, 0);
  const outcomes = Object.entries(ended).flatMap(([name, count]) =>
    count === 0 ? [] : [`${name === 'NONE' ? 'without an outcome' : name} ${count}`],
  );
  return [
    row('in', `${perSecond(started)}  (${started} started within a minute)`),
    row('out', `${perSecond(out)}  (${outcomes.length === 0 ? 'none ended within a minute' : outcomes.join(', ')})`),
    row(
      'running',
      `${running}  (${Object.entries(stages)
        .map(([stage, count]) => `${stage} ${count}`)
        .join(', ')})`,
    ),
    row('reads made', bySlot.map((count, slot) => `${slot}: ${count}`).join('  ')),
  ];
}

function lagLines(lags: readonly TopicLag[]): readonly string[] {
  return [row('lag', lags.map(({ topic, records }) => `${topic} ${records}`).join(', '))];
}

function deadlineLines(overview: Overview | undefined, nowMs: number): readonly string[] {
  if (overview === undefined) return [];
  if (overview.nearest.length === 0) return ['no deadline is to come'];
  return [
    'nearest deadlines',
    ...overview.nearest.map(({ verificationId, stage = '–', readsCounted = 0, deadlineAt }) => {
      const when = deadlineAt === undefined ? '–' : fromNowText(Date.parse(deadlineAt), nowMs);
      return `  ${verificationId}  ${stage.padEnd(8)}  ${readsCounted} read  ${when}`;
    }),
  ];
}

function row(name: string, text: string): string {
  return `${name.padEnd(12)}${text}`;
}

function perSecond(count: number): string {
  return `${((count * 1_000) / RATE_OVER_MS).toFixed(1)}/s`;
}
