import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { mintToken } from '../../src/emulator/mint-token.ts';
import { ours } from '../systems/ours.ts';
import type { RunTopics } from '../systems/system.ts';
import { type BenchKafka, connectKafka } from '../traffic/kafka.ts';
import { createLedger, type Ledger } from '../traffic/ledger.ts';
import type { Request } from '../traffic/requests.ts';
import { startVendor, type Vendor } from '../vendor/start.ts';
import { type Crew, startCrew } from './crew.ts';
import type { Engines } from './engines.ts';

/** What every experiment needs: engines, fresh topics, a vendor, and someone who sees outcomes arrive. */
export type Stage = {
  readonly engines: Engines;
  readonly runId: string;
  readonly topics: RunTopics;
  readonly vendor: Vendor;
  readonly kafka: BenchKafka;
  readonly ledger: Ledger;
  /** Starts processes of the service; further ones later have the same keys and topics. */
  start(roles: readonly string[], more?: Readonly<Record<string, string>>): Promise<Crew>;
  requests(count: number): Request[];
  close(): Promise<void>;
};

export type StageOptions = { readonly engines: Engines; readonly distDir: string; readonly logDir: string };

export async function openStage({ engines, distDir, logDir }: StageOptions): Promise<Stage> {
  const runId = `scale-${randomBytes(4).toString('hex')}`;
  const topics: RunTopics = { request: `${runId}.request`, hint: `${runId}.hint`, outcome: `${runId}.outcome`, deadLetter: `${runId}.dlq` };
  const system = ours({ distDir });
  const kafka = await connectKafka(engines.kafkaBrokers);
  await kafka.createTopics(topics);
  const vendor = await startVendor({ runId, logDir });
  const ledger = createLedger();
  const watcher = await kafka.watch({ topic: topics.outcome, group: `${runId}-watch`, ledger });
  const environment = system.environment({ runId, topics, vendorBaseUrl: vendor.baseUrl, ...engines });
  return {
    engines,
    runId,
    topics,
    vendor,
    kafka,
    ledger,
    start: (roles, more = {}) =>
      startCrew({ distDir, runId, roles, logDir, environment: { ...environment, VF_LOG_LEVEL: 'warn', ...more } }),
    requests: (count) => Array.from({ length: count }, () => system.request(mintToken({ scenario: 'ready-pass' }))),
    async close() {
      await watcher.stop();
      await vendor.stop();
      await kafka.close();
    },
  };
}

/** Until the check holds, or the time is over; false then. Throws when a process has died. */
export async function untilHolds(
  holds: () => boolean | Promise<boolean>,
  { crew, withinMs }: { crew: Crew; withinMs: number },
): Promise<boolean> {
  const deadlineMs = performance.now() + withinMs;
  while (!(await holds())) {
    for (const service of crew.services) service.assertAlive();
    if (performance.now() > deadlineMs) return false;
    await sleep(250);
  }
  return true;
}

/** A row of a Markdown table. */
export function tableRow(cells: readonly (string | number)[]): string {
  return `| ${cells.map((cell) => (typeof cell === 'number' ? String(Math.round(cell * 10) / 10) : cell)).join(' | ')} |`;
}

export function tableHead(cells: readonly string[]): string {
  return `${tableRow(cells)}\n|${'---|'.repeat(cells.length)}`;
}
