import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { verificationIdOf } from '../../src/contracts/wire/token-identity.ts';
import { mintToken } from '../../src/emulator/mint-token.ts';
import { expectedOf } from '../../src/emulator/scenarios.ts';
import { findings } from './oracle.ts';

const ISSUED_AT_MS = 1_000_000;

type Told = { readonly outcome: string; readonly reason?: string; readonly uncertain?: number };

/** What the judge has against one verification of this scenario that was read so often and told so. */
async function against(scenario: string, { outcome, reason, uncertain = 0 }: Told, reads = 2): Promise<number> {
  const token = mintToken({ scenario, issuedAtMs: ISSUED_AT_MS });
  const id = verificationIdOf(token);
  const flags = { known: true, counted: true, overQuota: false, afterWindow: false, played: true, terminal: false, says: 'OK' };
  const lines = Array.from({ length: reads }, (_, index) => {
    const at = new Date(ISSUED_AT_MS + index).toISOString();
    return { seq: index + 1, at, type: 'read', verificationId: id, scenario, issuedAtMs: ISSUED_AT_MS, read: index + 1, ...flags };
  });
  const logPath = join(mkdtempSync(join(tmpdir(), 'verdictflow-oracle-')), 'requests.ndjson');
  writeFileSync(logPath, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const reasons = reason === undefined ? [] : [{ code: reason }];
  const value = JSON.stringify({ outcome, reasons, retrieval: { callsUncertain: uncertain } });
  const seen = { ceId: `${id}.r1`, key: id, value, raw: Buffer.from(value), headers: undefined };
  const expected = expectedOf(scenario);
  if (expected === undefined) throw new Error(`no expectation for ${scenario}`);
  const tokens = [{ token, scenario, issuedAtMs: ISSUED_AT_MS, expected }];
  const found = await findings({ logPath, windowMs: 60_000, tokens, outcomes: new Map([[id, [seen]]]) });
  return found.unexpected.length;
}

const HALF_KNOWN = { outcome: 'NEEDS_REVIEW', reason: 'COMPARE_MISSING', uncertain: 1 };

describe('the judge of a run with kills', () => {
  it.each<[string, string, Told, number?]>([
    ['what the scenario demands', 'ready-pass', { outcome: 'PASSED' }],
    ['that nobody knows, if a process took a read with it', 'ready-pass', { outcome: 'EXPIRED', reason: 'WINDOW_PASSED', uncertain: 1 }],
    ['half an answer, if a process took the other half with it', 'incomplete-once', HALF_KNOWN],
  ])('takes %s', async (_what, scenario, told, reads) => {
    expect(await against(scenario, told, reads)).toBe(0);
  });

  it.each<[string, string, Told, number?]>([
    ['another verdict', 'ready-pass', { outcome: 'FAILED', reason: 'LIVENESS_FAIL', uncertain: 1 }],
    ['that nobody knows, although no read was lost', 'ready-pass', { outcome: 'EXPIRED', reason: 'WINDOW_PASSED' }],
    ['that nobody knows, although the scenario lost the read by itself', 'reset-once', { outcome: 'EXPIRED', uncertain: 1 }],
    ['half an answer, although no read was lost', 'incomplete-once', { ...HALF_KNOWN, uncertain: 0 }],
    ['half an answer, although every slot was used for the other half', 'incomplete-once', HALF_KNOWN, 3],
    ['a review for another reason', 'incomplete-once', { ...HALF_KNOWN, reason: 'COMPARE_NO_FACE' }],
    ['a review of a scenario that has no half', 'ready-pass', HALF_KNOWN],
  ])('does not take %s', async (_what, scenario, told, reads) => {
    expect(await against(scenario, told, reads)).toBe(1);
  });
});
