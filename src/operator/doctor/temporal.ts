import { hoursText } from '../../contracts/hours.ts';
import { areLoopback } from '../../contracts/loopback.ts';
import { readsQueueOf } from '../../domain/ids.ts';
import type { Made } from '../ports.ts';
import { asTold, fail, type Found, ok, skipped, warn } from './findings.ts';
import type { GateSeen, QueueSeen, WorkerSeen } from './ports.ts';

/** A poll lasts a minute, so a worker that lives was seen within this. */
const POLLS_WITHIN_MS = 90_000;
/** Workers tell of themselves once a minute. */
const HEARTBEATS_WITHIN_MS = 130_000;

/** Before it, nobody can see or set the limits of task queues, on which the gate rests. */
const LEAST_MINOR = 29;

export function judgeServer({
  address,
  version,
  tls,
}: {
  readonly address: string;
  readonly version: string;
  readonly tls: boolean;
}): Found {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version) ?? [];
  const saw = `${address}: Temporal ${version}, ${tls ? 'with TLS' : 'without TLS'}`;
  if (!tls && !areLoopback([address]))
    return warn(`${saw}: what histories hold crosses the network in clear`, 'TLS on the server, and TEMPORAL_TLS=true');
  if (major === '1' && Number(minor) < LEAST_MINOR)
    return warn(`${saw}: limits of task queues, on which the gate rests, came with 1.${LEAST_MINOR}`, 'upgrade it');
  return ok(saw);
}

type Retention = {
  readonly namespace: string;
  /** Undefined: no such namespace. 0: for ever. */
  readonly retentionMs: number | undefined;
  /** What is wrong with it against the window. */
  readonly short: string | undefined;
  /** Of the request topic, if known. */
  readonly requestsMs: number | undefined;
};

export function judgeNamespace({ namespace, retentionMs, short, requestsMs }: Retention): Found {
  if (retentionMs === undefined)
    return fail(`namespace ${namespace} does not exist`, 'run `verdictflow setup`, or correct TEMPORAL_NAMESPACE');
  if (short !== undefined) return asTold('FAIL', `namespace ${namespace}: ${short.replace(/\. /, '; ')}`);
  const kept = retentionMs === 0 ? 'for ever' : `for ${hoursText(retentionMs)}`;
  const saw = `namespace ${namespace} keeps closed workflows ${kept}`;
  if (retentionMs !== 0 && requestsMs !== undefined && requestsMs > retentionMs) {
    const topic = Number.isFinite(requestsMs) ? `for ${hoursText(requestsMs)}` : 'for ever';
    return warn(
      `${saw}, and the request topic records ${topic}: what is read after a longer outage, or again, goes to the dead letters`,
      `\`temporal operator namespace update --namespace ${namespace} --retention ${Number.isFinite(requestsMs) ? `${Math.ceil(requestsMs / 3_600_000)}h` : '…'}\`, or a shorter retention.ms of the topic`,
    );
  }
  return ok(saw);
}

export function judgeAttributes(attributes: readonly Made[]): readonly Found[] {
  const missing = attributes.flatMap(({ name, result }) => (result === 'missing' ? [name] : []));
  const unfit = attributes.flatMap((one) => (one.result === 'unfit' ? [asTold('FAIL', `${one.name} ${one.problem}`)] : []));
  const found = [...(missing.length === 0 ? [] : [fail(`missing: ${missing.join(', ')}`, 'run `verdictflow setup`')]), ...unfit];
  return found.length > 0 ? found : [ok(`${attributes.length} there`)];
}

export function judgePollers(
  queues: readonly QueueSeen[],
  { mainQueue, serverNowMs }: { readonly mainQueue: string; readonly serverNowMs: number },
): readonly Found[] {
  return queues
    .filter(({ name, waiting }) => name === mainQueue || waiting > 0)
    .map(({ name, kind, pollers }) => {
      const what = `${name}, ${kind} tasks`;
      const silentMs = serverNowMs - Math.max(...pollers.map(({ lastSeenAtMs }) => lastSeenAtMs));
      if (pollers.length === 0)
        return fail(`${what}: nobody asks for them`, `start a role \`all\` or \`worker\` with VF_TASK_QUEUE=${mainQueue}`);
      if (silentMs > POLLS_WITHIN_MS)
        return fail(`${what}: nobody has asked for ${Math.round(silentMs / 1_000)} s`, 'the workers are gone or hang: start them again');
      return ok(`${what}: ${pollers.map(({ identity }) => identity).join(', ')}`);
    });
}

export function judgeWorkers(workers: readonly WorkerSeen[] | undefined): readonly Found[] {
  if (workers === undefined) return [skipped('this server keeps no list of workers (1.30 and later do)')];
  if (workers.length === 0) return [skipped('no worker tells of itself: see temporal-pollers')];
  const live = workers.filter(({ silentMs }) => silentMs <= HEARTBEATS_WITHIN_MS);
  const gone = workers.filter(({ silentMs }) => silentMs > HEARTBEATS_WITHIN_MS);
  const silent = gone.map(({ identity, silentMs }) =>
    warn(`${identity}: silent for ${Math.round(silentMs / 1_000)} s without having said goodbye`, 'it was killed, hangs or has no network'),
  );
  const versions = groupsOf(live, ({ mark }) => mark?.version ?? 'no version of verdictflow');
  const builds = groupsOf(live, ({ build }) => build);
  const remedy = 'finish the deploy, or stop the workers of the other version';
  if (versions.size > 1) return [warn(`versions differ: ${listed(versions)}`, remedy), ...silent];
  if (builds.size > 1) return [warn(`the code of the workers differs: ${listed(builds)}`, remedy), ...silent];
  const [version] = [...versions.keys()];
  return version === undefined
    ? silent
    : [ok(`${live.length} worker(s) of ${version}: ${live.map(({ identity }) => identity).join(', ')}`), ...silent];
}

function groupsOf(workers: readonly WorkerSeen[], by: (worker: WorkerSeen) => string): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const worker of workers) groups.set(by(worker), [...(groups.get(by(worker)) ?? []), worker.identity]);
  return groups;
}

function listed(groups: ReadonlyMap<string, readonly string[]>): string {
  return [...groups].map(([what, who]) => `${what} (${who.join(', ')})`).join(', ');
}

type GateContext = { readonly gate: GateSeen | undefined; readonly mainQueue: string };

/** Limits of the queues: that of the reads is the gate's to set, any other one was set by people. */
export function judgeQueues(queues: readonly QueueSeen[], { gate, mainQueue }: GateContext): readonly Found[] {
  const readsQueue = readsQueueOf(mainQueue);
  const found = queues.flatMap((queue) => {
    const isReads = queue.name === readsQueue && queue.kind === 'activity';
    return isReads && gate?.taskQueue === mainQueue ? judgeGatedLimit(queue, gate) : judgeLimit(queue, { isReads });
  });
  const all = [...found, ...judgeGate(gate)];
  return all.length > 0 ? all : [ok("no limit but the server's own")];
}

function judgeLimit(queue: QueueSeen, { isReads }: { readonly isReads: boolean }): readonly Found[] {
  if (queue.limit === undefined) return [];
  // Another region's gate may have set it, and only that one may lift it.
  const lift = `${isReads ? 'unless `verdictflow gate status` with the VF_FACEID_BASE_URL of the workers says otherwise: ' : ''}temporal task-queue config set --task-queue ${queue.name} --task-queue-type ${queue.kind} --queue-rps-limit default`;
  // Below one a second a queue does not drain at all.
  return [
    queue.limit.perSecond < 1 ? fail(`${limitText(queue)}, and no gate is held: nothing gets through`, lift) : warn(limitText(queue), lift),
  ];
}

/** The server keeps limits as numbers of 32 bits. */
const SAME_LIMIT = 0.01;

function judgeGatedLimit(queue: QueueSeen, { phase, perSecond }: GateSeen): readonly Found[] {
  const is = queue.limit?.perSecond ?? Number.POSITIVE_INFINITY;
  const wanted = perSecond ?? Number.POSITIVE_INFINITY;
  if (is === wanted || Math.abs(is - wanted) < SAME_LIMIT) return Number.isFinite(is) ? [ok(limitText(queue))] : [];
  const saw = `the gate is ${phase} and wants ${Number.isFinite(wanted) ? `${wanted}/s` : 'no limit'}, but ${limitText(queue)}`;
  return [fail(saw, 'let a worker run, which carries out what the gate wants, and look again; if it stays, resume or hold the gate again')];
}

function limitText({ name, kind, limit }: QueueSeen): string {
  if (limit === undefined) return `${name}, ${kind} tasks: no limit`;
  return `${name}, ${kind} tasks: limited to ${limit.perSecond}/s by ${limit.by || 'somebody'} (${limit.reason || 'no reason given'})`;
}

function judgeGate(gate: GateSeen | undefined): readonly Found[] {
  if (gate === undefined || gate.phase === 'OPEN') return [];
  const what = gate.phase === 'HELD' ? 'no read begins' : 'reads begin slowly again';
  return [warn(`the gate is ${gate.phase}, ${gate.since}: ${what}`, '`verdictflow gate status`; resume it when the vendor has confirmed')];
}

const SLOW_MS = 10_000;
const STUCK_MS = 60_000;

export function judgeBacklog(
  queues: readonly QueueSeen[],
  { held }: { /** Queues where waiting is meant. */ readonly held: readonly string[] },
): readonly Found[] {
  const found = queues.flatMap(({ name, kind, waiting, oldestMs }) => {
    if (waiting === 0 || oldestMs < SLOW_MS || held.includes(name)) return [];
    const saw = `${name}, ${kind} tasks: ${waiting} wait, the oldest for ${Math.round(oldestMs / 1_000)} s`;
    return [(oldestMs < STUCK_MS ? warn : fail)(saw, 'start more workers, or look why those there do not keep up')];
  });
  return found.length > 0 ? found : [ok('no task waits for long')];
}
