import { cpuMs } from '../../../bench/measure/processes.ts';
import { verificationIdOf } from '../../../src/contracts/wire/token-identity.ts';
import { freePort, pipelineEnv, produce, watchTopic } from '../../support/pipeline.ts';
import { startProcess } from '../../support/process.ts';
import { until } from '../../support/until.ts';
import { requestOf } from '../scenario-mix.ts';
import { tokenOf } from './keeping.ts';
import type { ProofOptions } from './main.ts';
import type { Proof } from '../proof.ts';
import type { World } from './world.ts';

const WARM_UP = 20;
const ORDER = ['off', 'on', 'off', 'on'] as const;
const DECIDED_WITHIN_MS = 120_000;

type Cost = { readonly images: 'on' | 'off'; readonly perSecond: number; readonly serviceMs: number; readonly storesMs: number };

/** What two images cost a verification that is decided at once: the same burst with and without them, in turns, on the same servers. */
export async function measureCost(world: World, options: ProofOptions): Promise<Proof> {
  const runs: Cost[] = [];
  for (const images of ORDER) runs.push(await burst(world, { ...options, images }));
  return { proof: 'cost', burst: options.burst, imageBytes: options.imageBytes, runs, findings: [] };
}

async function burst(world: World, { burst: count, imageBytes, images }: ProofOptions & Pick<Cost, 'images'>): Promise<Cost> {
  const { stack, servers } = world;
  const env = environment(world, images, await freePort());
  const emulator = startProcess(['emulator'], env);
  await emulator.ready();
  const service = startProcess(['all'], env);
  await service.ready();
  const outcomes = await watchTopic(stack.kafkaBrokers, env['VF_KAFKA_OUTCOME_TOPIC'] ?? '');
  const decide = async (some: number): Promise<void> => {
    const tokens = Array.from({ length: some }, () => tokenOf(`image-bytes-${imageBytes}`));
    await produce(stack.kafkaBrokers, env['VF_KAFKA_REQUEST_TOPIC'] ?? '', tokens.map(requestOf));
    const ids = tokens.map(({ token }) => verificationIdOf(token));
    const areDecided = (): boolean => {
      const seen = outcomes.byId();
      return ids.every((id) => seen.has(id));
    };
    await until(areDecided, { timeoutMs: DECIDED_WITHIN_MS, everyMs: 50, what: `a burst of ${some} is decided` });
  };
  const used = (): { service: number; stores: number } => ({
    service: cpuMs({ root: service.pid }),
    stores: cpuMs({ root: servers.objects.pid() }) + cpuMs({ root: servers.keys.pid() }),
  });
  await decide(WARM_UP);
  const before = used();
  const startedAtMs = Date.now();
  await decide(count);
  const seconds = (Date.now() - startedAtMs) / 1_000;
  const after = used();
  await outcomes.stop();
  service.kill('SIGTERM');
  await service.exit();
  emulator.kill('SIGKILL');
  const each = (ms: number): number => Math.round((10 * ms) / count) / 10;
  return {
    images,
    perSecond: Math.round((10 * count) / seconds) / 10,
    serviceMs: each(after.service - before.service),
    storesMs: each(after.stores - before.stores),
  };
}

/** Topics, queue and emulator of its own; without images there is no store either, as if nobody had heard of it. */
function environment({ stack, env }: World, images: Cost['images'], emulatorPort: number): Record<string, string> {
  const isOfEvidence = ([name]: readonly [string, string]): boolean => name.startsWith('VF_EVIDENCE_') || name === 'VF_RETURN_IMAGE';
  const kept = images === 'on' ? Object.entries(env).filter(isOfEvidence) : [];
  return pipelineEnv({
    kafkaBrokers: stack.kafkaBrokers,
    temporalAddress: stack.temporalAddress,
    emulatorPort,
    overrides: {
      ...Object.fromEntries(kept),
      VF_POLICY_PROFILE: 'custom',
      VF_POLICY_CUSTOM_OFFSETS: '0s,4s,30s',
      VF_WINDOW: '300s',
      VF_POLICY_MIN_GAP: '500ms',
      VF_POLICY_ERROR_BACKOFF: '1s',
      VF_SHUTDOWN_TIMEOUT: '60s',
      VF_LOG_LEVEL: 'warn',
      VF_EMULATOR_PORT: String(emulatorPort),
    },
  });
}
