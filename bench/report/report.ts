import type { SystemName } from '../systems/system.ts';
import { compare, type Comparison } from './compare.ts';
import { type Machine, machineLine } from './machine.ts';
import { type Measurements, METRICS } from './metrics.ts';
import { renderTable } from './table.ts';

/** One workload of one measured run. */
export type Sample = { readonly system: SystemName; readonly workload: string; readonly measurements: Measurements };
export type WorkloadReport = { readonly workload: string; readonly rows: readonly Comparison[] };

/** Groups the samples by workload, in the order of their first appearance, and compares the systems in each. */
export function summarize(samples: readonly Sample[]): WorkloadReport[] {
  const workloads = [...new Set(samples.map(({ workload }) => workload))];
  return workloads.map((workload) => {
    const of = (system: SystemName): Measurements[] =>
      samples.filter((sample) => sample.workload === workload && sample.system === system).map(({ measurements }) => measurements);
    return { workload, rows: compare({ ours: of('ours'), naive: of('naive') }) };
  });
}

/** The whole report as text: machine, one table a workload, and the rows in which we are behind. */
export function renderReport(reports: readonly WorkloadReport[], machine: Machine): string {
  const tables = reports.map(({ workload, rows }) => renderTable(workload, rows));
  return [machineLine(machine), ...tables, closingLine(reports)].join('\n\n');
}

function closingLine(reports: readonly WorkloadReport[]): string {
  if (reports.every(({ rows }) => rows.every(({ ratio }) => ratio === undefined)))
    return 'Nothing to compare: only one system was measured.';
  const behind = reports.flatMap(({ workload, rows }) =>
    rows
      .filter(({ standing }) => standing === 'behind')
      .map(({ metric, ratio }) => `  ${workload}: ${METRICS[metric].label} (${ratio?.toFixed(2)})`),
  );
  const ending = 'Only the ratios travel to another machine; differences within 5 % are called level.';
  return behind.length === 0 ? `Behind the baseline in nothing. ${ending}` : ['Behind the baseline in:', ...behind, ending].join('\n');
}
