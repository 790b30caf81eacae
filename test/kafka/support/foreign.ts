import { execFile } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { resolveJava } from '../../../src/localstack/java.ts';
import { resolveKafkaJars } from '../../../src/localstack/kafka-jars.ts';

const run = promisify(execFile);
const fileOf = (name: string): string => fileURLToPath(new URL(`../foreign/${name}`, import.meta.url));
const LOCAL_DIR = fileURLToPath(new URL('../../../.local', import.meta.url));
const CONFLUENT_KAFKA = 'confluent-kafka==2.16.1';

export const FOREIGN_CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;

type Order = { readonly brokers: string; readonly topic: string; readonly count: number };

/** Clients of other hands, each with a name that its records begin with. */
export const FOREIGN_PRODUCERS = {
  java: async (order: Order): Promise<void> => {
    const libs = await resolveKafkaJars({ dir: LOCAL_DIR, log: () => undefined });
    await run(await resolveJava(), ['-cp', join(libs, '*'), fileOf('Produce.java'), ...argsOf(order)]);
  },
  rd: async (order: Order): Promise<void> => {
    const home = await mkdtemp(join(tmpdir(), 'librdkafka-'));
    await run('python3', ['-m', 'venv', home]);
    await run(join(home, 'bin', 'pip'), ['install', '--quiet', CONFLUENT_KAFKA]);
    await run(join(home, 'bin', 'python'), [fileOf('produce.py'), ...argsOf(order)]);
  },
} as const;

function argsOf({ brokers, topic, count }: Order): string[] {
  return [brokers, topic, String(count), ...FOREIGN_CODECS];
}

/** What each of them is to write, in order; null is a tombstone. */
export function foreignValues(producer: keyof typeof FOREIGN_PRODUCERS, count: number): (string | null)[] {
  return FOREIGN_CODECS.flatMap((codec) =>
    Array.from({ length: count }, (_, n) =>
      n % 100 === 99 ? null : `{"token":"${producer}-${codec}-${n}","noise":"${'ab'.repeat(n % 50)}"}`,
    ),
  );
}
