import { join } from 'node:path';
import { Worker, type WorkflowBundleOption } from '@temporalio/worker';
import { buildSystems } from '../build.ts';
import { log, ROOT, runCommand } from '../command.ts';
import { type History, historyOf } from '../cost/history.ts';
import { KINDS } from '../cost/kinds.ts';
import { bundleNaive, openCostRig } from '../cost/rig.ts';
import { threadCpuMs } from '../measure/processes.ts';
import { runOrder } from '../order.ts';
import { spread } from '../report/statistics.ts';
import { parseReplayOptions, REPLAY_USAGE, type ReplayOptions } from './options.ts';
import { promisesMade } from './promises.ts';

type Recorded = { readonly kind: string; readonly isNaive: boolean; readonly history: History };
type Build = { readonly name: string; readonly bundle: WorkflowBundleOption };

/** Until V8 has compiled what is called often. */
const WARM_UP = 100;

async function measure({ times, takes, distDirs, showsMakers }: ReplayOptions): Promise<void> {
  if (distDirs.length === 0) await buildSystems({ systems: ['ours'] }, { root: ROOT });
  const ours = (distDirs.length === 0 ? ['dist'] : distDirs).map((dir): Build => ({
    name: dir,
    bundle: { codePath: join(ROOT, dir, 'workflow-bundle.js') },
  }));
  const naive: readonly Build[] = [{ name: 'naive', bundle: await bundleNaive() }];
  const subjects = (await record()).flatMap(({ isNaive, ...recorded }) =>
    (isNaive ? naive : ours).map((build) => ({ ...recorded, ...build, takenMs: Array<number>() })),
  );
  for (const subject of runOrder(subjects, takes)) subject.takenMs.push(await threadMs(subject, times));
  process.stdout.write('| kind | build | promises | CPU of the workflow thread, ms: median (all takes) |\n| --- | --- | --- | --- |\n');
  for (const { kind, name, history, bundle, takenMs } of subjects) {
    const made = await promisesMade(history, bundle);
    const all = takenMs.map((ms) => ms.toFixed(2)).join(', ');
    process.stdout.write(`| ${kind} | ${name} | ${made.length} | ${spread(takenMs).median.toFixed(2)} (${all}) |\n`);
    if (showsMakers) log(`${kind}, ${name}\n${makersText(made)}`);
  }
}

/** One history of each kind that `npm run cost` counts. */
async function record(): Promise<readonly Recorded[]> {
  const rig = await openCostRig();
  try {
    const recorded: Recorded[] = [];
    for (const kind of KINDS) {
      const subject = await kind.run(rig, await kind.before?.(rig));
      recorded.push({ kind: kind.name, isNaive: kind.isNaive === true, history: await historyOf(rig.client, subject) });
    }
    return recorded;
  } finally {
    await rig.close();
  }
}

/** What one re-execution takes of the thread that workflows have for themselves: the busiest one besides the main thread. */
async function threadMs(
  { history, bundle }: { readonly history: History; readonly bundle: WorkflowBundleOption },
  times: number,
): Promise<number> {
  const histories = Array.from({ length: WARM_UP + times }, (_, index) => ({ workflowId: `replay-${index}`, history }));
  // The type leaves it out; by default a replay has no thread of its own.
  const options = { workflowBundle: bundle, debugMode: false };
  const replays = Worker.runReplayHistories(options, histories);
  let done = 0;
  let before: ReadonlyMap<string, number> = new Map();
  let busiestMs = 0;
  for await (const { error } of replays) {
    if (error) throw error;
    done += 1;
    if (done === WARM_UP) before = otherThreadsMs();
    // The thread is gone when all is over.
    if (done === histories.length) busiestMs = Math.max(...[...otherThreadsMs()].map(([thread, ms]) => ms - (before.get(thread) ?? 0)));
  }
  return busiestMs / times;
}

/** CPU of this process's threads but the main one. */
function otherThreadsMs(): ReadonlyMap<string, number> {
  const threads = [...threadCpuMs({ root: process.pid })].map(([thread, { ms }]) => [thread, ms] as const);
  return new Map(threads.filter(([thread]) => !thread.endsWith(`/${process.pid}`)));
}

function makersText(made: readonly string[]): string {
  const makers = [...new Set(made)].map((maker) => [maker, made.filter((one) => one === maker).length] as const);
  return makers
    .toSorted(([, one], [, other]) => other - one)
    .map(([maker, count]) => `  ${count} ${maker}`)
    .join('\n');
}

await runCommand({ usage: REPLAY_USAGE, parse: parseReplayOptions, run: measure });
