import { whenAborted } from '../../async/abort.ts';
import { backoffMs } from '../../async/backoff.ts';
import { sleep } from '../../async/sleep.ts';
import { GATE_MEMO_KEY } from '../../contracts/gate.ts';
import { gateStateIn } from '../../contracts/gate-messages.ts';
import type { Logger } from '../../contracts/logger.ts';
import type { GateState } from '../../domain/gate/gate.ts';
import { describeGrpcError } from '../errors.ts';
import { decoded } from '../decoded.ts';
import { type GateAddress, type GateRun, lastGateRun, openGateRun } from './run.ts';
import { watchStandstill } from './standstill.ts';

/** The server answers a long poll after 20 s at the latest, whether or not anything happened. */
const POLL_LIMIT_MS = 40_000;
/** Whoever has heard nothing for so long does not know the gate any more. */
const STALE_AFTER_MS = 45_000;
const BACKOFF = { firstMs: 100, longestMs: 5_000 } as const;

export type GateFollower = {
  /** What may be relied on, also by who has just stood still; undefined: nobody here can say. */
  state(): GateState | undefined;
  /** What was heard last, for people; undefined: nothing, or too long ago. */
  heard(): GateState | undefined;
  /** Resolves once it is known for the first time. */
  readonly known: Promise<GateState>;
};

type FollowOptions = GateAddress & {
  /** `before`: undefined at first. */
  readonly onState: (state: GateState, before: GateState | undefined) => void;
  readonly logger: Logger;
  /** Ends the following. */
  readonly stopping: AbortSignal;
};

/**
 * Knows the gate by a long poll of its history: nobody has to ask when a read is due, and a change is heard of at once. A gate
 * that was ended by anybody is started again, and goes on where it stood.
 */
export function followGate(options: FollowOptions): GateFollower {
  const { logger, stopping, onState } = options;
  let state: GateState | undefined;
  let heardAtMs = 0;
  let tell: (first: GateState) => void = () => undefined;
  const known = new Promise<GateState>((resolve) => {
    tell = resolve;
  });
  const hear = (next: GateState | undefined): void => {
    heardAtMs = Date.now();
    if (next === undefined || JSON.stringify(next) === JSON.stringify(state)) return;
    // What lay ready while the process stood still is heard after what it has asked since.
    if (state !== undefined && next.changes < state.changes) return;
    const before = state;
    state = next;
    onState(next, before);
    tell(next);
  };

  const follow = async (): Promise<void> => {
    for (let failures = 0; !stopping.aborted;) {
      try {
        const run = await openGateRun(options, state);
        // It may count from the beginning again, if it was deleted.
        if (state !== undefined && run.state.changes < state.changes) state = undefined;
        hear(run.state);
        failures = 0;
        await followRun(run, { options, hear });
      } catch (error) {
        if (stopping.aborted) return;
        failures += 1;
        if (failures === 1) logger.warn({ event: 'gate-unknown', reason: describeGrpcError(error) }, 'the gate cannot be followed');
        await sleep(backoffMs(failures, { ...BACKOFF, random: Math.random }), stopping);
      }
    }
  };
  void follow();
  const isSure = watchStandstill({ ask: async () => hear((await lastGateRun(options))?.state), stopping });
  const heard = (): GateState | undefined => (Date.now() - heardAtMs <= STALE_AFTER_MS ? state : undefined);
  return { known, heard, state: () => (isSure() ? heard() : undefined) };
}

type Following = { readonly options: FollowOptions; readonly hear: (state: GateState | undefined) => void };

/** Resolves when the run is over. */
async function followRun({ workflowId, runId }: GateRun, { options, hear }: Following): Promise<void> {
  const { client, stopping } = options;
  const stop = new AbortController();
  const stopListening = whenAborted(stopping, () => stop.abort());
  try {
    let nextPageToken: Uint8Array = new Uint8Array();
    do {
      const request = { namespace: client.options.namespace, execution: { workflowId, runId }, waitNewEvent: true, nextPageToken };
      const poll = () => client.workflowService.getWorkflowExecutionHistory(request);
      const page = await client.withAbortSignal(stop.signal, () => client.withDeadline(Date.now() + POLL_LIMIT_MS, poll));
      hear(await latestState(page.history?.events ?? [], options));
      ({ nextPageToken } = page);
    } while (nextPageToken.length > 0);
  } finally {
    stopListening();
  }
}

type Event = NonNullable<
  NonNullable<Awaited<ReturnType<GateAddress['client']['workflowService']['getWorkflowExecutionHistory']>>['history']>['events']
>[number];

async function latestState(events: readonly Event[], { client }: GateAddress): Promise<GateState | undefined> {
  const payloads = events.map(
    (event) =>
      event.workflowPropertiesModifiedEventAttributes?.upsertedMemo?.fields?.[GATE_MEMO_KEY] ??
      event.workflowExecutionStartedEventAttributes?.memo?.fields?.[GATE_MEMO_KEY],
  );
  const last = payloads.findLast((payload) => payload !== undefined);
  return last === undefined ? undefined : gateStateIn(await decoded(client.options.loadedDataConverter, [last]));
}
