import { expect } from 'vitest';
import type { Finding, Status } from '../../src/operator/doctor/findings.ts';
import { cliHere } from '../support/cli-here.ts';

export type Report = {
  readonly healthy: boolean;
  readonly counts: Readonly<Record<Status, number>>;
  readonly findings: readonly Finding[];
};

export type Env = Readonly<Record<string, string>>;

/** Runs the command in this process, against real servers. What waits is looked at twice; in these tests nothing moves between. */
export async function examined(
  env: Env,
  args: readonly string[] = [],
): Promise<Report & { readonly code: number | null; readonly text: string }> {
  const { code, out, err } = await cliHere(['doctor', '--json', ...args], env, { pause: async () => await Promise.resolve() });
  const report: Report = JSON.parse(`${out}${err}`);
  return { ...report, code, text: `${out}${err}` };
}

/** What is not as it should be, as `check: what was seen`. */
export function troubles({ findings }: Report): readonly string[] {
  return findings.flatMap(({ check, status, saw }) => (status === 'OK' ? [] : [`${status} ${check}: ${saw}`]));
}

/** Such a line is there, with that status, it says what to do, and no secret is anywhere. */
export function expectNamed(
  report: Awaited<ReturnType<typeof examined>>,
  { names, saw, secrets }: { readonly names: string; readonly saw: RegExp; readonly secrets: readonly string[] },
): void {
  expect(troubles(report)).toContainEqual(expect.stringMatching(new RegExp(`^${names}: .*(?:${saw.source})`, 's')));
  for (const { status, remedy = '' } of report.findings) expect(remedy.length > 3).toBe(status === 'WARN' || status === 'FAIL');
  expect(report.code).toBe(report.counts.FAIL > 0 ? 1 : 0);
  for (const secret of secrets) expect(report.text).not.toContain(secret);
}
