import {
  ActivityFailure,
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
  makeContinueAsNewFunc,
  proxyActivities,
  setCurrentDetails,
  sleep,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import { GATE_MEMO_KEY, GATE_REFUSED, type GateActivities, type GateChange, type GateInput, type GateView } from '../src/contracts/gate.ts';
import { gateStateIn } from '../src/contracts/gate-messages.ts';
import { gateStory, gateWaitLabel, limitReason } from '../src/contracts/text/gate.ts';
import {
  changesByItselfAtMs,
  gateAfter,
  type GateEvent,
  type GateState,
  openGate,
  readLimit,
  refusalOf,
  sinceText,
} from '../src/domain/gate/gate.ts';
import { defined } from '../src/domain/defined.ts';
import { readsQueueOf } from '../src/domain/ids.ts';
import { installGateHandlers } from './gate-handlers.ts';

/** Short attempts without end: an outage delays what the server or Kafka learns, and loses nothing. */
const RETRY = { initialInterval: 500, backoffCoefficient: 2, maximumInterval: 30_000 } as const;
const LIMITING = { startToCloseTimeout: 15_000, retry: RETRY } as const;
const ANNOUNCING = { startToCloseTimeout: 60_000, retry: RETRY } as const;
const { limitReads } = proxyActivities<Pick<GateActivities, 'limitReads'>>(LIMITING);
const { announceGate } = proxyActivities<Pick<GateActivities, 'announceGate'>>(ANNOUNCING);
/** Temporal gives an activity up only at an operator's hand. */
const GIVEN_UP_PAUSE_MS = 10_000;

/** An update answers after that long even if the server's queue does not follow yet: workers do. */
const QUEUE_PATIENCE_MS = 10_000;
/** While it is not open the waiting reads are counted, and the limit is set again, less and less often. */
const COUNT_AFTER_MS = { first: 10_000, longest: 300_000 } as const;
const LONGEST_HISTORY = 2_000;
const LATEST_SHOWN = 10;

/**
 * The gate of one vendor account: whether reads begin. It waits for updates for ever, as its own successor whenever its history
 * grows long, so that its runs are the audit of all changes. Every rule is the domain's; its state is its memo, which followers
 * find in the history, and which outlives the run. A cancellation changes nothing.
 */
export async function vendorGate(input: GateInput | undefined): Promise<void> {
  if (!isGateInput(input)) throw ApplicationFailure.nonRetryable('the input is not a gate of version 1', 'UnsupportedInput');
  const { gate, next } = createGate(input);
  await CancellationScope.nonCancellable(async () => {
    void gate.keepQueue();
    void gate.keepAnnouncing();
    void gate.keepTime();
    await condition(() => workflowInfo().historyLength > LONGEST_HISTORY && allHandlersFinished());
    // What Kafka or the server does not know yet, the successor tells them.
    await makeContinueAsNewFunc<typeof vendorGate>({ memo: { [GATE_MEMO_KEY]: next().state } })(next());
  });
}

function isGateInput(input: GateInput | undefined): input is GateInput {
  return input?.v === 1 && typeof input.region === 'string' && (input.state === undefined || gateStateIn(input.state) !== undefined);
}

function createGate(input: GateInput) {
  const { region, pace } = input;
  const unannounced: GateChange[] = [...(input.unannounced ?? [])];
  let latest: readonly GateState[] = input.latest ?? [];
  let state: GateState = input.state ?? openGate(new Date().toISOString());
  /** What the server's queue lets go for certain; undefined while nobody knows, because it is being told. */
  let applied: { readonly perSecond: number | undefined } | undefined;
  let waiting: { readonly reads: number; readonly atMs: number } | undefined;

  const isApplied = (): boolean => applied !== undefined && applied.perSecond === readLimit(state);
  const show = (): void => {
    setCurrentDetails(gateStory({ state, region, latest, nowMs: Date.now(), ...defined({ waiting }) }));
  };
  const record = (event: GateEvent): void => {
    const before = state;
    state = gateAfter(before, event, pace);
    if (state === before) return;
    if (state.changes !== before.changes) {
      latest = [before, ...latest].slice(0, LATEST_SHOWN);
      unannounced.push({ region, before: before.phase, state });
    }
    upsertMemo({ [GATE_MEMO_KEY]: state });
    show();
  };
  const view = (): GateView => {
    const readsPerSecond = readLimit(state);
    return {
      region,
      phase: state.phase,
      says: `the gate of ${region} is ${state.phase}, ${sinceText(state)}`,
      state,
      ...(readsPerSecond === undefined ? {} : { readsPerSecond }),
      ...defined({ readsWaiting: waiting?.reads }),
      queueFollows: isApplied(),
    };
  };

  installGateHandlers({
    record,
    assertChanges(event) {
      const refusal = refusalOf(state, event);
      if (refusal !== undefined) throw ApplicationFailure.nonRetryable(`the gate of ${region} ${refusal}`, GATE_REFUSED);
    },
    async applied() {
      await condition(isApplied, QUEUE_PATIENCE_MS);
      return view();
    },
    view,
  });
  // What followers read; only a start by hand lacks it.
  if (workflowInfo().memo?.[GATE_MEMO_KEY] === undefined) upsertMemo({ [GATE_MEMO_KEY]: state });
  show();

  return {
    next: (): GateInput => ({ ...input, state, latest, unannounced: [...unannounced] }),
    gate: {
      /** The server's queue follows the state, and is looked at again now and then until the gate is open. */
      async keepQueue(): Promise<never> {
        let pauseMs: number = COUNT_AFTER_MS.first;
        for (;;) {
          const perSecond = readLimit(state);
          if (applied?.perSecond !== perSecond) applied = undefined;
          const reads = await unlessGivenUp(() =>
            limitReads.executeWithOptions({ ...LIMITING, summary: limitLabel(perSecond) }, [orderOf(state)]),
          );
          if (reads !== undefined) {
            applied = { perSecond };
            waiting = { reads, atMs: Date.now() };
          }
          show();
          if (state.phase === 'OPEN' && isApplied()) await condition(() => !isApplied());
          else if (await condition(() => readLimit(state) !== perSecond, pauseMs, { summary: 'count anew what waits' }))
            pauseMs = COUNT_AFTER_MS.first;
          else pauseMs = Math.min(COUNT_AFTER_MS.longest, pauseMs * 2);
        }
      },
      /** One after the other, so that readers of the topic see them in their order. */
      async keepAnnouncing(): Promise<never> {
        for (;;) {
          await condition(() => unannounced.length > 0);
          const [change] = unannounced;
          if (change === undefined) continue;
          const told = await unlessGivenUp(() =>
            announceGate.executeWithOptions({ ...ANNOUNCING, summary: `tell Kafka: ${change.state.phase}` }, [change]),
          );
          if (told === undefined) await sleep(GIVEN_UP_PAUSE_MS, { summary: 'tell Kafka once more' });
          else unannounced.shift();
        }
      },
      async keepTime(): Promise<never> {
        for (;;) {
          await condition(() => changesByItselfAtMs(state, pace) !== undefined);
          const atMs = changesByItselfAtMs(state, pace);
          if (atMs === undefined) continue;
          const leftMs = Math.max(1, atMs - Date.now());
          const isOther = await condition(() => changesByItselfAtMs(state, pace) !== atMs, leftMs, { summary: gateWaitLabel(state) });
          if (!isOther) record({ kind: 'TIME_PASSED', at: new Date(Date.now()).toISOString() });
        }
      },
    },
  };
}

async function unlessGivenUp<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ActivityFailure) return undefined;
    throw error;
  }
}

function orderOf(state: GateState): Parameters<GateActivities['limitReads']>[0] {
  const { taskQueue } = workflowInfo();
  return { taskQueue: readsQueueOf(taskQueue), ...defined({ perSecond: readLimit(state) }), reason: limitReason(state) };
}

function limitLabel(perSecond: number | undefined): string {
  return perSecond === undefined ? 'let all reads through' : `let ${perSecond} reads through a second`;
}
