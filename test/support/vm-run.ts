import { readFile } from 'node:fs/promises';
import { defaultPayloadConverter, TypedSearchAttributes } from '@temporalio/common';
import type { WorkflowInfo } from '@temporalio/workflow';
import { createUnsafeRandomSource } from '@temporalio/workflow/lib/random-helpers.js';
import { msToTs, tsToMs } from '@temporalio/common/lib/time.js';
import { parseWorkflowCode } from '@temporalio/worker/lib/worker.js';
import type { Workflow } from '@temporalio/worker/lib/workflow/interface.js';
import { VMWorkflowCreator } from '@temporalio/worker/lib/workflow/vm.js';
import type { VerificationInput } from '../../src/contracts/workflow.ts';
import { workflowIdOf } from '../../src/domain/ids.ts';
import { leaveSandboxesUnwatched } from './unwatched.ts';

/** What the workflow asks of the server, as far as it can be told from outside. Upserts and summaries are left aside. */
export type Command =
  | { readonly kind: 'ACTIVITY' | 'LOCAL_ACTIVITY'; readonly name: string; readonly order: unknown }
  | { readonly kind: 'TIMER'; readonly ms: number }
  | { readonly kind: 'CANCEL_TIMER' }
  | { readonly kind: 'COMPLETE'; readonly result: unknown };

type Activation = Parameters<Workflow['activate']>[0];
type Job = NonNullable<Activation['jobs']>[number];
type RawCommands = NonNullable<NonNullable<Awaited<ReturnType<Workflow['activate']>>['successful']>['commands']>;

export const RUN_ID = 'the-only-run';

/** Drives the bundled workflow by hand, inside its sandbox and without any server: every instant is the caller's. */
export type VmRun = {
  activityEnded(result: unknown, atMs: number): Promise<Command[]>;
  timerFired(atMs: number): Promise<Command[]>;
  signalled(name: string, payload: unknown, atMs: number): Promise<Command[]>;
  cancelled(atMs: number): Promise<Command[]>;
};

export async function createVmRuns(codePath: string) {
  const code = await readFile(codePath, 'utf8');
  leaveSandboxesUnwatched();
  const creator = await VMWorkflowCreator.create(parseWorkflowCode(code, codePath), 10_000, new Set(['getResult', 'emitOutcome']));
  return {
    start: (input: VerificationInput, nowMs: number) => startRun(creator, { input, nowMs }),
    close: () => creator.destroy(),
  };
}

async function startRun(creator: VMWorkflowCreator, { input, nowMs }: { input: VerificationInput; nowMs: number }) {
  const info = infoOf(input, nowMs);
  const workflow = await creator.createWorkflow({
    info,
    randomnessSeed: [1, 2, 3, 4, 5, 6, 7, 8],
    now: nowMs,
    showStackTraceSources: false,
  });
  let historyLength = 3;
  let activitySeq = 0;
  let isLocal = false;
  let timerSeq = 0;

  async function activate(jobs: Job[], atMs: number): Promise<Command[]> {
    historyLength += 5;
    const { successful, failed } = await workflow.activate({
      runId: RUN_ID,
      timestamp: msToTs(atMs),
      isReplaying: false,
      historyLength,
      jobs,
      availableInternalFlags: [1, 2, 3],
    });
    if (failed) throw new Error(`the workflow task failed: ${failed.failure?.message}`);
    const commands = successful?.commands ?? [];
    for (const { scheduleActivity, scheduleLocalActivity, startTimer } of commands) {
      const scheduled = scheduleActivity ?? scheduleLocalActivity;
      if (scheduled) isLocal = Boolean(scheduleLocalActivity);
      activitySeq = scheduled?.seq ?? activitySeq;
      timerSeq = startTimer?.seq ?? timerSeq;
    }
    await workflow.getAndResetSinkCalls();
    return commands.flatMap(commandOf);
  }

  const run: VmRun & { dispose(): Promise<void> } = {
    activityEnded: (result, atMs) => {
      const completed = { result: defaultPayloadConverter.toPayload(result) };
      return activate([{ resolveActivity: { seq: activitySeq, result: { completed }, isLocal } }], atMs);
    },
    timerFired: (atMs) => activate([{ fireTimer: { seq: timerSeq } }], atMs),
    signalled: (signalName, payload, atMs) =>
      activate([{ signalWorkflow: { signalName, input: [defaultPayloadConverter.toPayload(payload)], identity: 'test' } }], atMs),
    cancelled: (atMs) => activate([{ cancelWorkflow: { reason: 'test' } }], atMs),
    dispose: () => workflow.dispose(),
  };
  const initializeWorkflow = {
    workflowId: info.workflowId,
    workflowType: info.workflowType,
    arguments: [defaultPayloadConverter.toPayload(input)],
    memo: { fields: { vfOrigin: defaultPayloadConverter.toPayload({ origin: 'ingress' }) } },
  };
  return { run, commands: await activate([{ initializeWorkflow }], nowMs) };
}

function commandOf(command: RawCommands[number]): Command[] {
  const { scheduleActivity, scheduleLocalActivity, startTimer, cancelTimer, completeWorkflowExecution } = command;
  const scheduled = scheduleActivity ?? scheduleLocalActivity;
  if (scheduled) {
    const order: unknown = fromPayload(scheduled.arguments?.[0]);
    return [{ kind: scheduleActivity ? 'ACTIVITY' : 'LOCAL_ACTIVITY', name: scheduled.activityType ?? '', order }];
  }
  if (startTimer) return [{ kind: 'TIMER', ms: tsToMs(startTimer.startToFireTimeout) }];
  if (cancelTimer) return [{ kind: 'CANCEL_TIMER' }];
  if (completeWorkflowExecution) return [{ kind: 'COMPLETE', result: fromPayload(completeWorkflowExecution.result) }];
  return [];
}

function fromPayload(payload: Parameters<typeof defaultPayloadConverter.fromPayload>[0] | null | undefined): unknown {
  return payload ? defaultPayloadConverter.fromPayload(payload) : undefined;
}

export function infoOf(input: VerificationInput, nowMs: number): WorkflowInfo {
  const workflowId = workflowIdOf(input.verificationId);
  return {
    workflowId,
    runId: RUN_ID,
    workflowType: 'resolveVerification',
    searchAttributes: {},
    typedSearchAttributes: new TypedSearchAttributes(),
    taskQueue: 'none',
    namespace: 'none',
    firstExecutionRunId: RUN_ID,
    originalExecutionRunId: RUN_ID,
    startTime: new Date(nowMs),
    runStartTime: new Date(nowMs),
    taskTimeoutMs: 10_000,
    attempt: 1,
    historyLength: 3,
    historySize: 0,
    continueAsNewSuggested: false,
    targetWorkerDeploymentVersionChanged: false,
    currentBuildId: '',
    priority: {},
    unsafe: { now: () => nowMs, isReplaying: false, isReplayingHistoryEvents: false, random: createUnsafeRandomSource(() => 0.5) },
  };
}
