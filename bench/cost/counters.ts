import { setTimeout as sleep } from 'node:timers/promises';

/** What the server has done so far, by its own metrics. */
export type Counters = {
  /** `CreateWorkflowExecution` and `UpdateWorkflowExecution`: each is a transaction that writes history. */
  readonly historyWrites: number;
  readonly visibilityWrites: number;
  /** Requests to the frontend that clients and workers made, polls and questions aside. */
  readonly requests: number;
};

const HISTORY_WRITES = new Set(['CreateWorkflowExecution', 'UpdateWorkflowExecution']);
const VISIBILITY_WRITES = new Set(['RecordWorkflowExecutionStarted', 'RecordWorkflowExecutionClosed', 'UpsertWorkflowExecution']);
/** A poll is open whether or not anything happens; the others only ask. */
const NOT_COUNTED = /^(Poll|Get|Describe|List|Count|Query|Shutdown|RecordWorker|ResetStickyTaskQueue)/;

/** Of one namespace; visibility is counted for the whole server, which has no other user. */
export async function readCounters(metricsPort: number, namespace: string): Promise<Counters> {
  const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  const counters = { historyWrites: 0, visibilityWrites: 0, requests: 0 };
  for (const line of text.split('\n')) {
    const [, name, labels = '', value] = /^(\w+)\{([^}]*)\} (\S+)$/.exec(line) ?? [];
    const operation = /operation="([^"]*)"/.exec(labels)?.[1] ?? '';
    const isOurs = labels.includes(`namespace="${namespace}"`);
    if (name === 'persistence_requests' && isOurs && HISTORY_WRITES.has(operation)) counters.historyWrites += Number(value);
    if (name === 'visibility_persistence_requests' && VISIBILITY_WRITES.has(operation)) counters.visibilityWrites += Number(value);
    if (name === 'service_requests' && isOurs && labels.includes('service_name="frontend"') && !NOT_COUNTED.test(operation)) {
      counters.requests += Number(value);
    }
  }
  return counters;
}

/** The server publishes its counters once a second. */
const QUIET_MS = 1_300;

/** The same once nothing changes any more: visibility is written after the fact. */
export async function settledCounters(metricsPort: number, namespace: string): Promise<Counters> {
  for (let before = await readCounters(metricsPort, namespace); ;) {
    await sleep(QUIET_MS);
    const now = await readCounters(metricsPort, namespace);
    if (JSON.stringify(now) === JSON.stringify(before)) return now;
    before = now;
  }
}
