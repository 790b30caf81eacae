import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { defined } from '../../src/domain/defined.ts';
import { findOnPath } from '../../src/localstack/host.ts';
import { readDocument } from '../../scripts/docs/documents.ts';
import { lacking } from '../support/lacking.ts';
import { knownMetrics, metricsIn } from './metric-names.ts';

type Rule = {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: string };
  readonly annotations?: Readonly<Partial<Record<'summary' | 'action' | 'runbook', string>>>;
};
type Rules = { readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[] };
type Expected = { readonly alertname: string; readonly exp_alerts: readonly { readonly exp_labels: Readonly<Record<string, string>> }[] };

const PROMTOOL = findOnPath(['promtool']);
const WHY_NO_PROMTOOL = PROMTOOL === undefined ? 'no promtool: Debian has it in prometheus' : undefined;

const rules: Rules = parse(readDocument('ops/alerts.yml'));
const CASES = ['alerts.test.yml', 'alerts-of-days.test.yml'] as const;
const cases: readonly { readonly alert_rule_test: readonly Expected[] }[] = CASES.flatMap(
  (file) => parse(readDocument(`ops/${file}`)).tests,
);
const all = rules.groups.flatMap((group) => group.rules);
const expected = cases.flatMap((one) => one.alert_rule_test);

/** What promtool says, given these rules in place of those of the repository. */
function promtool(tried: Rules): { readonly code: number | null; readonly said: string } {
  const folder = mkdtempSync(join(tmpdir(), 'verdictflow-alerts-'));
  writeFileSync(join(folder, 'alerts.yml'), stringify(tried));
  for (const file of CASES) writeFileSync(join(folder, file), readDocument(`ops/${file}`));
  const { status, stdout, stderr } = spawnSync(PROMTOOL ?? 'promtool', ['test', 'rules', ...CASES.map((file) => join(folder, file))], {
    encoding: 'utf8',
  });
  return { code: status, said: stdout + stderr };
}

function changed(change: (rule: Rule) => Rule): Rules {
  return { groups: rules.groups.map((group) => ({ ...group, rules: group.rules.map((rule) => change(rule)) })) };
}

/** Without the words, which promtool would compare as well. */
const bare = changed(({ alert, expr, labels, for: patience }) => ({ alert, expr, labels, ...defined({ for: patience }) }));

describe('alerts', () => {
  it('ask for metrics that there are', () => {
    const known = knownMetrics();
    expect(
      all.flatMap(({ alert, expr }) =>
        metricsIn(expr)
          .filter((name) => !known.has(name))
          .map((name) => `${alert}: ${name}`),
      ),
    ).toEqual([]);
  });

  it('say what is wrong, what to do, and where more is written', () => {
    for (const { alert, labels, annotations } of all) {
      expect(alert).toMatch(/^Verdictflow[A-Z][A-Za-z]+$/);
      expect(['page', 'ticket']).toContain(labels.severity);
      const { summary = '', action = '', runbook = '' } = annotations ?? {};
      expect([summary.length > 20, action.length > 8]).toEqual([true, true]);
      const [path = '', anchor = ''] = runbook.split('#');
      const headings = readFileSync(path, 'utf8').match(/^#+ .*$/gm) ?? [];
      expect(headings.map((heading) => heading.replace(/^#+ /, '').toLowerCase().replaceAll(' ', '-'))).toContain(anchor);
    }
  });

  it('each have a case in which they fire, with the labels that their words use', () => {
    for (const { alert, annotations } of all) {
      const fired = expected.filter((one) => one.alertname === alert).flatMap((one) => one.exp_alerts);
      expect(fired.length).toBeGreaterThan(0);
      const used = [...`${annotations?.summary} ${annotations?.action}`.matchAll(/\$labels\.(\w+)/g)].map(([, label = '']) => label);
      for (const { exp_labels: labels } of fired) expect(Object.keys(labels)).toEqual(expect.arrayContaining(used));
    }
  });
});

describe.skipIf(lacking(WHY_NO_PROMTOOL, { tests: 'when alerts fire, by promtool' }))('promtool', () => {
  it('has nothing to say against the rules', () => {
    const { status, stdout } = spawnSync(PROMTOOL ?? 'promtool', ['check', 'rules', 'ops/alerts.yml'], { encoding: 'utf8' });
    expect([status, stdout]).toEqual([0, expect.stringContaining(`SUCCESS: ${all.length} rules found`)]);
  });

  it('sees them fire and stay silent as ops/alerts.test.yml and ops/alerts-of-days.test.yml say', () => {
    expect(promtool(bare)).toEqual({ code: 0, said: expect.stringContaining('SUCCESS') });
  }, 120_000);

  it('misses every one of them that never fires', () => {
    const { code, said } = promtool(changed(({ alert, labels }) => ({ alert, labels, expr: 'vector(1) < 0' })));
    expect(code).toBe(1);
    const missed = new Set(Array.from(said.matchAll(/alertname: (\w+)/g), ([, alert]) => alert));
    expect(all.filter(({ alert }) => !missed.has(alert))).toEqual([]);
  });
});
