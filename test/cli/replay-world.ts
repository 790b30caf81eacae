import type { VerificationInput } from '../../src/contracts/workflow.ts';
import type { ReplayCase, ReplayRuns } from '../../src/operator/replay/ports.ts';
import { caseOf } from '../operator/replay/cases.ts';
import * as s from '../domain/samples.ts';

export const IDS = Array.from({ length: 12 }, (_, index) => `aaaaaaaaaaaaaaaaaaaaaaaaa${'abcdefghijklmnop'.charAt(index)}`);
export const JOURNAL = 'j.ndjson';
export const RUN = ['replay', 'run', '--reason', 'vendor outage', '--operator', 'jane', '--ticket', 'INC-7', '--journal', JOURNAL];
export const RESUME = ['replay', 'run', '--journal', JOURNAL, '--yes'];

/** Every verification has passed, unless `cases` says otherwise; runs are counted by verification. */
export function world(cases: Readonly<Record<string, ReplayCase>> = {}) {
  const started: VerificationInput[] = [];
  const load = async (id: string): Promise<ReplayCase> => {
    const known = cases[id] ?? caseOf({ reads: [s.answer()] });
    return await Promise.resolve(known.kind === 'KNOWN' ? { ...known, input: { ...known.input, verificationId: id } } : known);
  };
  const runs: ReplayRuns = {
    start: async (input) => {
      started.push(input);
      return await Promise.resolve({ runId: `run-of-${input.verificationId}`, startedAt: '2026-02-01T12:00:00.000Z' });
    },
    find: async (id, requestedAt) => {
      const found = started.find((input) => input.verificationId === id && input.replay?.requestedAt === requestedAt);
      return await Promise.resolve(found && { runId: `run-of-${id}`, startedAt: '2026-02-01T12:00:00.000Z' });
    },
    result: async () => await Promise.resolve(undefined),
  };
  return { started, replay: { cases: { load }, runs } };
}

export function records(asked: readonly unknown[]): readonly { key: string; value: string; topic: string }[] {
  return asked.filter(
    (one): one is { key: string; value: string; topic: string } => typeof one === 'object' && one !== null && 'key' in one,
  );
}

/** What `--json` prints. */
export function jsonLines(
  text: string,
): { verificationId?: string; action?: string; code?: string; why?: string; totals?: object; journal?: string }[] {
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}
