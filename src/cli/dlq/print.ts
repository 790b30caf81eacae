import { DEAD_LETTER_HEADERS as H } from '../../contracts/wire/dead-letter.ts';
import { defined } from '../../domain/defined.ts';
import { type Letter, originText, placeOf, putAsideAtMs } from '../../operator/dlq/letter.ts';
import type { RedriveLine } from '../../operator/dlq/plan.ts';
import type { Unread } from '../../operator/dlq/ports.ts';
import type { Redrive } from '../../operator/dlq/redrive.ts';
import type { RedriveTally } from '../../operator/dlq/journal.ts';
import { renderTable } from '../table.ts';

/** A letter as programs get it; nothing of what its producer wrote. `redrivenAt`: undefined if it was not, or nobody knows. */
export function letterJson(letter: Letter, redrivenAt: string | undefined) {
  const { record, said, origin, verificationId, producer, redrives } = letter;
  return {
    place: placeOf(letter),
    putAsideAt: instantText(putAsideAtMs(letter)),
    reason: said[H.reason] ?? null,
    stage: said[H.stage] ?? null,
    from: origin === undefined ? null : originText(origin),
    ...defined({ verificationId, producer }),
    valueBytes: record.value?.length ?? null,
    stub: said[H.stub] !== undefined,
    redrives,
    ...defined({ redrivenAt }),
  };
}

export function letterTable(rows: readonly ReturnType<typeof letterJson>[]): string {
  const header = ['Dead letter', 'Put aside', 'Reason', 'Stage', 'From', 'Verification', 'Producer', 'Bytes', 'Came back', 'Sent again'];
  return renderTable(
    header,
    rows.map((row) => [
      row.place,
      row.putAsideAt,
      row.reason ?? 'not ours',
      row.stage ?? '–',
      row.from ?? '–',
      row.verificationId ?? '–',
      row.producer ?? '–',
      row.stub ? 'stub' : String(row.valueBytes ?? 'null'),
      row.redrives === 0 ? '–' : `${row.redrives}×`,
      row.redrivenAt ?? '–',
    ]),
  );
}

/** Kafka takes any number for a time. */
export function instantText(atMs: number): string {
  return Math.abs(atMs) <= 8.64e15 ? new Date(atMs).toISOString() : `${atMs} ms`;
}

export type Counts = { add(letter: Letter, isOpen: boolean): void; readonly matched: () => number; json(): object; text(): string };

/** By reason and by producer: which producer sends what. */
export function createCounts(): Counts {
  const counts = new Map<string, { reason: string; producer: string; letters: number; open: number }>();
  let matched = 0;
  const sorted = () => [...counts.values()].toSorted((a, b) => b.letters - a.letters);
  return {
    add({ said, producer: by }, isOpen) {
      matched += 1;
      const [reason, producer] = [said[H.reason] ?? 'not ours', by ?? '–'];
      const key = `${reason} ${producer}`;
      const so = counts.get(key) ?? { reason, producer, letters: 0, open: 0 };
      counts.set(key, { ...so, letters: so.letters + 1, open: so.open + Number(isOpen) });
    },
    matched: () => matched,
    json: () => ({ letters: matched, counts: sorted() }),
    text: () =>
      renderTable(
        ['Reason', 'Producer', 'Letters', 'Not sent again'],
        sorted().map(({ reason, producer, letters, open }) => [reason, producer, String(letters), String(open)]),
      ),
  };
}

export function unreadText({ partition, offset, why }: Unread): string {
  return `verdictflow dlq: partition ${partition} cannot be read from offset ${offset} on: ${why}\n`;
}

export function refusalText({ place, code, why = '' }: RedriveLine): string {
  return `${place}  ${code}: ${why}\n`;
}

export function planCountsText(codes: ReadonlyMap<string, number>): string {
  const letters = [...codes.values()].reduce((sum, one) => sum + one, 0);
  const refused = [...codes].filter(([code]) => code !== 'SEND').map(([code, count]) => `${count} ${code}`);
  return `${letters} dead letters: ${codes.get('SEND') ?? 0} to send${refused.length === 0 ? '' : `; refused: ${refused.join(', ')}`}\n`;
}

export function redriveTallyText({ sent, skipped, unaudited }: RedriveTally): string {
  return `${sent} sent, ${skipped} skipped${unaudited === 0 ? '' : `, ${unaudited} of the sent not audited`}`;
}

/** The same for programs. */
export function redriveJson({ line, finish, sent, why }: Redrive): object {
  return { place: line.place, result: finish, ...defined({ sentTo: sent?.receipt, redrives: sent?.redrives, why }) };
}
