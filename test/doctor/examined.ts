import { expect } from 'vitest';
import type { Finding, Status } from '../../src/operator/doctor/findings.ts';
import { cliHere } from '../support/cli-here.ts';

export type Report = {
  readonly healthy: boolean;
  readonly counts: Readonly<Record<Status, number>>;
  readonly findings: readonly Finding[];
};

export type Env = Readonly<Record<string, string>>;

/** Runs the command in this process, against real servers. */
export async function examined(
  env: Env,
  args: readonly string[] = [],
): Promise<Report & { readonly code: number | null; readonly text: string }> {
  const { code, out, err } = await cliHere(['doctor', '--json', ...args], env);
  const report: Report = JSON.parse(`${out}${err}`);
  return { ...report, code, text: `${out}${err}` };
}

/** The same with Temporal's own variables in the environment of this process meanwhile, where its SDK reads them. */
export async function examinedWith(temporal: Env, env: Env): Promise<Awaited<ReturnType<typeof examined>>> {
  const before = Object.keys(temporal).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, temporal);
  try {
    return await examined(env);
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
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
