import { setTimeout as sleep } from 'node:timers/promises';
import type { Producer } from 'kafkajs';
import type { Ledger } from './ledger.ts';

const BURST_CHUNK = 250;

export type Request = { readonly value: string; readonly outcomeKey: string };
export type Traffic = { readonly producer: Producer; readonly topic: string; readonly ledger: Ledger };

/** Writes everything as fast as the broker takes it. Resolves when the last record is acknowledged. */
export async function sendBurst(requests: readonly Request[], { producer, topic, ledger }: Traffic): Promise<void> {
  for (let at = 0; at < requests.length; at += BURST_CHUNK) {
    const chunk = requests.slice(at, at + BURST_CHUNK);
    const now = performance.now();
    for (const { outcomeKey } of chunk) ledger.sent(outcomeKey, now);
    await producer.send({ topic, messages: chunk.map(({ value }) => ({ value })) });
  }
}

/**
 * Sends at fixed instants whatever the answers do. A record counts as sent at its *planned* instant: if this process is
 * late, that is latency a user would see too (no coordinated omission). Resolves when all are acknowledged.
 */
export async function sendOpenLoop(
  requests: readonly Request[],
  { traffic, ratePerSecond }: { traffic: Traffic; ratePerSecond: number },
): Promise<void> {
  const startMs = performance.now() + 10;
  const sends = requests.map(async ({ value, outcomeKey }, index) => {
    const plannedMs = startMs + (index * 1_000) / ratePerSecond;
    traffic.ledger.sent(outcomeKey, plannedMs);
    await sleep(plannedMs - performance.now());
    await traffic.producer.send({ topic: traffic.topic, messages: [{ value }] });
  });
  await Promise.all(sends);
}
