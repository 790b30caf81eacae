import { setTimeout as sleep } from 'node:timers/promises';
import { percentile } from '../report/statistics.ts';
import { sendBurst, sendOpenLoop } from '../traffic/requests.ts';
import { memoryOf, meterCpu, rolesOf } from './crew.ts';
import { type Experiment, type Stage, untilHolds } from './stage.ts';

// The same burst and the same open loop for several ways to split the service into processes on one machine: what does splitting
// cost? A case is "all" or <workers>x<ingresses>.

const WARM_UP = { tokens: 100, ratePerSecond: 20 };
const LOOP = { tokens: 200, ratePerSecond: 10 };
const BURST_TOKENS = 1_000;
const SETTLE_MS = 2_000;
const SERVED_WITHIN_MS = 5 * 60_000;

export const WORKERS: Experiment = {
  columns: [
    'workers x ingresses',
    'burst tokens/s',
    'service ms/token',
    'Temporal ms/token',
    'Kafka ms/token',
    'service MiB',
    '10/s p50 ms',
    '10/s p99 ms',
    '10/s service ms/token',
  ],
  cases: ['all', '1x1', '2x1', '4x1', '1x2', '2x2', '4x2'],
  rowsOf(text) {
    const roles = rolesOf(text);
    return async function* (stage) {
      yield [text, ...(await measure(stage, roles))];
    };
  },
};

async function measure(stage: Stage, roles: readonly string[]): Promise<readonly number[]> {
  const crew = await stage.start(roles);
  const { engines, ledger } = stage;
  const traffic = { producer: stage.kafka.producer, topic: stage.topics.request, ledger };
  const trees = crew.services.map(({ tree }) => tree);
  const run = async (count: number, ratePerSecond?: number) => {
    const requests = stage.requests(count);
    const keys = requests.map(({ outcomeKey }) => outcomeKey);
    const meters = [trees, engines.temporal, [engines.kafka]].map(meterCpu);
    if (ratePerSecond === undefined) await sendBurst(requests, traffic);
    else await sendOpenLoop(requests, { traffic, ratePerSecond });
    const served = await untilHolds(() => ledger.missing(keys).length === 0, { crew, withinMs: SERVED_WITHIN_MS });
    if (!served) throw new Error(`${ledger.missing(keys).length} of ${count} have no outcome`);
    await sleep(SETTLE_MS);
    const cpu = meters.map((used) => used() / count);
    return { cpu, rate: (count * 1_000) / ledger.spanMs(keys), latenciesMs: ledger.latenciesMs(keys) };
  };
  try {
    await run(WARM_UP.tokens, WARM_UP.ratePerSecond);
    const loop = await run(LOOP.tokens, LOOP.ratePerSecond);
    const burst = await run(BURST_TOKENS);
    const [p50, p99] = [50, 99].map((percent) => percentile(loop.latenciesMs, percent));
    return [burst.rate, ...burst.cpu, memoryOf(trees), p50 ?? 0, p99 ?? 0, loop.cpu[0] ?? 0];
  } finally {
    await crew.stop();
  }
}
