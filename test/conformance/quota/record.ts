import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { StormReport } from './storm.ts';

const count = z.int().nonnegative();

/** One storm in numbers. */
const stormRecord = z.strictObject({
  at: z.iso.datetime(),
  seed: count,
  seconds: count,
  tokens: count,
  kills: count,
  operatorActions: count,
  reads: count,
  tokensRead: count,
  mostReadsOfOneToken: count,
  fourthReads: count,
  readAfterWindow: count,
  withoutOutcome: count,
  severalBodies: count,
  wrongConclusion: count,
  verdictLost: count,
  // Not counted by the first storms of the campaign.
  holds: count.optional(),
  readWhileHeld: count.optional(),
  verdictsTold: count.optional(),
  verdictsUnheard: count.optional(),
  terminated: count,
  wedged: count,
  ownEnds: count,
  emissions: count,
  revisions: count,
  /** Kills that were ordered as an outcome arrived. */
  aimed: count.optional(),
});

export type StormRecord = z.infer<typeof stormRecord>;

/** The campaign at full size; the table in docs/storms.md is its sum. */
const CAMPAIGN = fileURLToPath(new URL('./campaign.ndjson', import.meta.url));

export function recordOf(report: StormReport, atMs: number): StormRecord {
  const { seed, tokens, kills, operatorActions, reads, tokensRead, mostReadsOfOneToken, terminated, wedged, emissions, revisions } = report;
  return {
    at: new Date(atMs).toISOString(),
    seed,
    seconds: Math.round((report.ragedMs + report.settledMs) / 1_000),
    tokens,
    kills,
    operatorActions,
    reads,
    tokensRead,
    mostReadsOfOneToken,
    fourthReads: report.fourthReads.length,
    readAfterWindow: report.readAfterWindow.length,
    holds: report.holds,
    readWhileHeld: report.readWhileHeld.length,
    withoutOutcome: report.withoutOutcome.length,
    severalBodies: report.severalBodies.length,
    wrongConclusion: report.wrongConclusion.length,
    verdictLost: report.verdictLost.length,
    verdictsTold: report.verdictsTold,
    verdictsUnheard: report.verdictsUnheard,
    terminated,
    wedged,
    ownEnds: report.ownEnds.length,
    emissions,
    revisions,
    ...(report.aimed === 0 ? {} : { aimed: report.aimed }),
  };
}

export function campaignRecords(): readonly StormRecord[] {
  const lines = readFileSync(CAMPAIGN, 'utf8').trimEnd().split('\n');
  return lines.map((line) => stormRecord.parse(JSON.parse(line)));
}

export function sumOf(records: readonly StormRecord[], figure: Exclude<keyof StormRecord, 'at'>): number {
  return records.reduce((sum, record) => sum + (record[figure] ?? 0), 0);
}
