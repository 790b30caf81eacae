import type { LoadedDataConverter } from '@temporalio/common';
import type { History } from '@temporalio/common/lib/proto-utils.js';
import { part } from '../../../contracts/recorded.ts';
import { ORIGIN_MEMO_KEY } from '../../../contracts/workflow.ts';
import { defined } from '../../../domain/defined.ts';
import type { ReplayOrder } from '../../../domain/ledger/asking-run.ts';
import type { EventOf, RunKind, RunSeen, TimelineEvent } from '../../../operator/timeline/ports.ts';
import { decoded } from '../../decoded.ts';
import { isClosing } from '../digest.ts';
import { replayOrderOf, verificationInputOf } from '../run-input.ts';
import { emissionEvents } from './emission-events.ts';
import { otherEvents, waitEvents } from './other-events.ts';
import { writtenAt } from '../../millis.ts';
import { type HistoryEvent, identityOf, type Reading, type Told } from './reading.ts';
import { readEvents } from './read-events.ts';

export type RunStory = {
  readonly run: RunSeen;
  readonly events: readonly TimelineEvent[];
  readonly originalRunId: string;
  readonly homeRunId?: string;
};

/**
 * What the history of one run tells, for people; undefined if it has no beginning. A reset copies the history before it, so
 * that part is left to the run that it was copied from. What cannot be decoded is left out.
 */
export async function runStoryOf(
  history: History,
  { runId, converter }: { readonly runId: string; readonly converter: LoadedDataConverter },
): Promise<RunStory | undefined> {
  const events = history.events ?? [];
  const first = events[0];
  const started = first?.workflowExecutionStartedEventAttributes;
  if (first === undefined || !started) return undefined;
  const resetIndex = events.findLastIndex(isReset);
  const reading: Reading = { events, converter, firstIndex: resetIndex + 1 };
  const originalRunId = started.originalExecutionRunId ?? runId;
  const input = await verificationInputOf(history, converter);
  const replay = input && replayOrderOf(input);
  const kind = kindOf({ isReset: originalRunId !== runId, stamped: isStamped(started), replay });
  const told: readonly (readonly (Told | undefined)[])[] = await Promise.all([
    beginning(reading, { kind, first }),
    Promise.all(waitEvents(reading)),
    readEvents(reading, input?.policy),
    Promise.all(otherEvents(reading)),
    ...emissionEvents(reading),
  ]);
  const at = resetIndex === -1 ? writtenAt(first) : writtenAt(events[resetIndex] ?? first);
  const last = events.at(-1);
  const closedAt = last !== undefined && isClosing(last) ? writtenAt(last) : undefined;
  const all = told.flat().filter((event) => event !== undefined);
  return {
    run: { runId, kind, startedAt: at, ...defined({ closedAt }) },
    originalRunId,
    ...defined({ homeRunId: replay?.homeRunId }),
    events: overAt(all, closedAt)
      .map((event) => ({ ...event, runId }))
      .toSorted(byTime),
  };
}

/** With the run all is over that had not ended by itself. */
function overAt(events: readonly Told[], closedAt: string | undefined): readonly Told[] {
  if (closedAt === undefined) return events;
  return events.flatMap((event): readonly Told[] => {
    if (event.kind === 'EMISSION_PENDING') return [];
    if (event.kind === 'WAITED' && event.endedAt === undefined) return [{ ...event, endedAt: closedAt, cutShort: true }];
    if (event.kind !== 'READ' || event.state !== 'IN_FLIGHT') return [event];
    return [
      { ...event, state: 'ENDED', endedAt: closedAt, fate: 'UNCERTAIN', result: 'the run ended before its answer; it may have counted' },
    ];
  });
}

/** Oldest first; of the same moment in the order given. */
export function byTime(one: TimelineEvent, other: TimelineEvent): number {
  return Date.parse(one.at) - Date.parse(other.at);
}

function kindOf({
  isReset: reset,
  stamped,
  replay,
}: {
  readonly isReset: boolean;
  readonly stamped: boolean;
  readonly replay: ReplayOrder | undefined;
}): RunKind {
  if (reset) return 'RESET';
  if (replay !== undefined) return replay.ruling === undefined ? 'REPLAY' : 'DECISION';
  return stamped ? 'HOME' : 'BY_HAND';
}

type Started = NonNullable<HistoryEvent['workflowExecutionStartedEventAttributes']>;

function isStamped(started: Started): boolean {
  return started.memo?.fields?.[ORIGIN_MEMO_KEY] !== undefined;
}

/** The workflow task that a reset ended: what stands before it is a copy. */
function isReset({ workflowTaskFailedEventAttributes: failed }: HistoryEvent): boolean {
  return Boolean(failed?.newRunId) && failed?.newRunId !== failed?.baseRunId;
}

async function beginning(
  { events, converter, firstIndex }: Reading,
  { kind, first }: { readonly kind: RunKind; readonly first: HistoryEvent },
): Promise<readonly Told[]> {
  const started = first.workflowExecutionStartedEventAttributes;
  const at = writtenAt(first);
  const by = identityOf(started?.identity);
  const input = await decoded(converter, started?.input?.payloads);
  switch (kind) {
    case 'RESET': {
      const reset = events[firstIndex - 1];
      const failed = reset?.workflowTaskFailedEventAttributes;
      const why = failed?.failure?.message;
      return [
        {
          at: reset === undefined ? at : writtenAt(reset),
          kind: 'RESET',
          ...defined({ by: identityOf(failed?.identity), reason: why ?? undefined }),
        },
      ];
    }
    case 'REPLAY':
    case 'DECISION':
      return [{ at, ...ordered(part(input, 'replay')) }];
    case 'BY_HAND':
      return [{ at, kind: 'STARTED_BY_HAND', ...defined({ by }) }];
    default:
      return [{ at, kind: 'ADMITTED', ...admission(input) }];
  }
}

type Ordered = Omit<EventOf<'REPLAYED'>, 'at' | 'runId'> | Omit<EventOf<'RULED'>, 'at' | 'runId'>;

function ordered(order: unknown): Ordered {
  const [ticket, ruling] = [part(order, 'ticket'), part(order, 'ruling')];
  const why = { reason: textOf(part(order, 'reason')), ...(typeof ticket === 'string' ? { ticket } : {}) };
  if (ruling === undefined) return { kind: 'REPLAYED', operator: textOf(part(order, 'operator')), ...why };
  const upon = part(ruling, 'upon');
  const said = { verdict: textOf(part(ruling, 'verdict')), reviewer: textOf(part(ruling, 'reviewer')) };
  return { kind: 'RULED', ...said, ...why, ...(typeof upon === 'number' ? { upon } : {}) };
}

function admission(input: unknown): Omit<EventOf<'ADMITTED'>, 'at' | 'kind' | 'runId'> {
  const source = part(input, 'source');
  const partition = part(source, 'partition');
  const [issuedAt, deadlineAt, policy] = [part(input, 'issuedAt'), part(input, 'deadlineAt'), part(part(input, 'policy'), 'id')];
  return {
    topic: textOf(part(source, 'topic')),
    partition: typeof partition === 'number' ? partition : -1,
    offset: textOf(part(source, 'offset')),
    ...(typeof issuedAt === 'string' ? { issuedAt } : {}),
    ...(typeof deadlineAt === 'string' ? { deadlineAt } : {}),
    ...(typeof policy === 'string' ? { policy } : {}),
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
