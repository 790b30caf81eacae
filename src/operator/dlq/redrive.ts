import { mapInOrder } from '../../async/in-order.ts';
import { RecordRefusedError } from '../../contracts/errors.ts';
import { DEAD_LETTER_HEADERS as H } from '../../contracts/wire/dead-letter.ts';
import { redriveAuditHeaders, type RedriveAuditRecord, redriveAuditSubject } from '../../contracts/wire/redrive-audit.ts';
import { defined } from '../../domain/defined.ts';
import { type AuditPorts, refusalOf } from '../audit.ts';
import type { JournalFile, ReplayClock } from '../replay/ports.ts';
import { appendRedriveStep, openRedrives, type RedriveFinish, type RedriveWork, type Sent } from './journal.ts';
import { type Letter, placeIn } from './letter.ts';
import { letterDigest, recordToSend, type RedriveLine } from './plan.ts';
import type { RedriveTargets, Target, TopicSource } from './ports.ts';
import { letterAt } from './scan.ts';

/** Letters under way at once: so many at most are sent twice if the process is killed. */
export const REDRIVES_AT_ONCE = 8;

export type RedrivePorts = {
  readonly source: TopicSource;
  readonly targets: RedriveTargets;
  readonly known: ReadonlyMap<string, Target>;
  readonly audit: AuditPorts;
  readonly file: JournalFile;
  readonly clock: ReplayClock;
};

export type Redrive = { readonly line: RedriveLine; readonly finish: RedriveFinish; readonly sent?: Sent; readonly why?: string };

/**
 * Sends the open letters of the journal, at most `perSecond`, and yields what became of each, in order. A letter is finished in
 * the journal once Kafka has it and its audit record; what was sent and is not yet in the journal is sent once more after a kill.
 * What concerns every letter, such as an outage of Kafka, ends it after what was begun.
 */
export async function* redriveOpen(
  ports: RedrivePorts,
  { work, perSecond, signal }: { readonly work: RedriveWork; readonly perSecond: number; readonly signal: AbortSignal },
): AsyncGenerator<Redrive> {
  const failed = new AbortController();
  const stop = AbortSignal.any([signal, failed.signal]);
  const one = async (line: RedriveLine): Promise<Redrive | undefined> => {
    try {
      return { line, ...(await redriveLine(ports, { line, work })) };
    } catch (error) {
      failed.abort(error);
      return undefined;
    }
  };
  yield* mapInOrder(openRedrives(ports.file, work), one, { atOnce: REDRIVES_AT_ONCE, perSecond, clock: ports.clock, signal: stop });
  failed.signal.throwIfAborted();
}

type Ending = Omit<Redrive, 'line'>;
type Order = { readonly line: RedriveLine; readonly work: RedriveWork };

async function redriveLine(ports: RedrivePorts, { line, work }: Order): Promise<Ending> {
  const letter = await letterOfLine(ports, { line, work });
  const before = work.sent.get(line.place);
  if (letter === undefined) {
    // What was sent stays on record even if its letter is gone by now.
    return await finish(ports, { line, finish: before ? 'UNAUDITED' : 'SKIPPED', why: GONE, ...defined({ sent: before }) });
  }
  const sent = before ?? (await send(ports, { letter, line }));
  if ('why' in sent) return await finish(ports, { line, finish: 'SKIPPED', why: sent.why });
  const why = await refusalOf(publish(ports.audit, auditRecord(letter, { sent, work })));
  return await finish(ports, { line, sent, finish: why === undefined ? 'DONE' : 'UNAUDITED', ...defined({ why }) });
}

const GONE = 'its place holds something else by now, or nothing: retention or compaction took it, or the topic was made anew';

async function letterOfLine({ source }: RedrivePorts, { line, work }: Order): Promise<Letter | undefined> {
  const place = placeIn(line.place);
  const found = place && (await letterAt(source, { topic: work.topic, ...place }));
  return found !== undefined && 'record' in found && letterDigest(found) === line.digest ? found : undefined;
}

/** `why`: the topic will never take it. */
async function send(
  ports: RedrivePorts,
  { letter, line }: Pick<Order, 'line'> & { readonly letter: Letter },
): Promise<Sent | { readonly why: string }> {
  const nowMs = ports.clock.now();
  try {
    const receipt = await ports.targets.send(recordToSend(letter, { targets: ports.known, nowMs }));
    const sent = { at: new Date(nowMs).toISOString(), receipt, redrives: letter.redrives + 1 };
    await appendRedriveStep(ports.file, { kind: 'SENT', place: line.place, ...sent });
    return sent;
  } catch (error) {
    if (!(error instanceof RecordRefusedError)) throw error;
    return { why: error.message };
  }
}

async function finish({ file }: RedrivePorts, { line, finish: kind, why, sent }: Redrive): Promise<Ending> {
  await appendRedriveStep(file, kind === 'DONE' ? { kind, place: line.place } : { kind, place: line.place, why: why ?? '' });
  return { finish: kind, ...defined({ why, sent }) };
}

/** `source` of audit records: the command line, not a worker. */
const AUDIT_SOURCE = '/verdictflow/dlq';

async function publish({ publisher, topic }: AuditPorts, record: RedriveAuditRecord): Promise<void> {
  const headers = redriveAuditHeaders(record, { source: AUDIT_SOURCE });
  await publisher.publish({ topic, key: redriveAuditSubject(record), value: JSON.stringify(record), headers });
}

function auditRecord(letter: Letter, { sent, work }: { readonly sent: Sent; readonly work: RedriveWork }): RedriveAuditRecord {
  const { record, origin, said, verificationId } = letter;
  if (origin === undefined) throw new TypeError('a letter without origin was sent');
  const { operator, reason, ticket } = work.mandate;
  return {
    schemaVersion: '1',
    action: 'REDRIVE',
    operator,
    reason,
    ...defined({ ticket }),
    letter: {
      topic: work.topic,
      partition: record.partition,
      offset: record.offset.toString(),
      timestamp: String(record.timestampMs),
    },
    origin,
    sentTo: sent.receipt,
    ...defined({ refusedFor: said[H.reason], verificationId }),
    redrives: sent.redrives,
    requestedAt: work.at,
    redrivenAt: sent.at,
  };
}
