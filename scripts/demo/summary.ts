import { readEmulatorLog } from '../../src/emulator/log-reader.ts';
import { paint, type Row } from './board.ts';
import type { Role } from './cast.ts';

export type Summary = { readonly ok: boolean; readonly lines: readonly string[] };

/** Judges the run by the vendor's own log and by what each scenario demands. */
export async function summarize(run: {
  readonly roles: readonly Role[];
  readonly rows: ReadonlyMap<string, Row>;
  readonly emulatorLog: string;
  readonly dayMs: number;
}): Promise<Summary> {
  const log = await readEmulatorLog(run.emulatorLog);
  const missing = run.roles.filter(({ verificationId }) => (run.rows.get(verificationId)?.outcome ?? '') === '');
  const wrong = run.roles.filter(({ verificationId, expected }) => {
    const row = run.rows.get(verificationId);
    return row !== undefined && row.outcome !== '' && (row.outcome !== expected.outcome || row.reason !== (expected.reason ?? ''));
  });
  const counts = new Map<string, number>();
  for (const { outcome } of run.rows.values()) if (outcome !== '') counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  const fourth = log.overQuota(3).length;
  const late = log.afterWindow(run.dayMs).length;
  const ok = missing.length === 0 && wrong.length === 0 && fourth === 0 && late === 0;
  const reads = [1, 2, 3]
    .map((number) => `${[...log.tokens.values()].filter((token) => token.reads === number).length} with ${number}`)
    .join(', ');
  return {
    ok,
    lines: [
      `outcomes   ${[...counts]
        .toSorted((a, b) => b[1] - a[1])
        .map(([outcome, count]) => `${count} ${outcome}`)
        .join(' · ')}`,
      `reads      ${log.reads} by the vendor's log (${reads}); most for one token: ${log.maxReads}`,
      verdictLine(fourth === 0, `tokens read a fourth time: ${fourth}`),
      verdictLine(late === 0, `tokens read after their window: ${late}`),
      verdictLine(missing.length === 0, `tokens without an outcome: ${missing.length}`),
      verdictLine(wrong.length === 0, `outcomes other than the scenario demands: ${wrong.length}`),
      ...wrong.map(
        (role) =>
          `  ${role.scenario} ${role.verificationId}: ${run.rows.get(role.verificationId)?.outcome ?? ''} ${run.rows.get(role.verificationId)?.reason ?? ''}, expected ${role.expected.outcome} ${role.expected.reason ?? ''}`,
      ),
    ],
  };
}

function verdictLine(good: boolean, text: string): string {
  return `${good ? paint('✓', 32) : paint('✗', 31)} ${text}`;
}
