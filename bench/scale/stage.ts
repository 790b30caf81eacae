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

export type Cells = readonly (string | number)[];

/** What is measured for each case, and the table it fills. */
export type Experiment = {
  readonly columns: readonly string[];
  /** Those measured if none are named. */
  readonly cases: readonly string[];
  /** @throws RangeError unless the text names a case. */
  rowsOf(text: string): (stage: Stage) => AsyncGenerator<Cells>;
};

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
  /** Throws if the vendor was asked for a token more than once. */
  assertReadOnce(): void;
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
    assertReadOnce() {
      const repeated = [...vendor.readsPerToken().values()].filter((reads) => reads > 1).length;
      if (repeated > 0) throw new Error(`${repeated} tokens were read more than once`);
    },
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
export function tableRow(cells: Cells): string {
  return `| ${cells.map((cell) => (typeof cell === 'number' ? String(Math.round(cell * 10) / 10) : cell)).join(' | ')} |`;
}

export function tableHead(columns: readonly string[]): string {
  return `${tableRow(columns)}\n|${'---|'.repeat(columns.length)}`;
}

/** The numbers of a case like `10000:1000`, `least` of them and `most`. */
export function numbersIn(text: string, { least, most }: { readonly least: number; readonly most: number }): readonly number[] {
  const parts = text.split(':');
  if (parts.length < least || parts.length > most || !parts.every((part) => /^[1-9]\d*$/.test(part)))
    throw new RangeError(
      `${JSON.stringify(text)} is not ${least === most ? least : `${least} to ${most}`} whole numbers with colons between them`,
    );
  return parts.map(Number);
}
