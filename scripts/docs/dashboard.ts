/** `rare`: has nothing to show as long as all is well. */
type Query = { readonly expr: string; readonly legend: string; readonly rare?: true };
type Panel = { readonly title: string; readonly tells: string; readonly unit: string; readonly queries: readonly Query[] };

/** What has nothing to show as long as all is well. */
function seldom(expr: string, legend: string): Query {
  return { expr, legend, rare: true };
}

const LATENCIES = (metric: string, by = ''): readonly Query[] =>
  [0.5, 0.99].map((quantile) => ({
    expr: `histogram_quantile(${quantile}, sum by (le${by === '' ? '' : `, ${by}`}) (rate(${metric}_bucket[5m])))`,
    legend: by === '' ? `p${quantile * 100}` : `p${quantile * 100} {{${by}}}`,
  }));

const RATE = (metric: string, by: string): readonly Query[] => [
  {
    expr: `sum by (${by}) (rate(${metric}[5m]))`,
    legend: by
      .split(', ')
      .map((label) => `{{${label}}}`)
      .join(' '),
  },
];

/** What a board shows, by row: first whether all is well, then the way of a record. */
export const BOARD: Readonly<Record<string, readonly Panel[]>> = {
  'Is it well?': [
    {
      title: 'Not ready',
      tells: 'Components that are not ready, by process. Empty: none.',
      unit: 'short',
      queries: [seldom('verdictflow_ready == 0', '{{instance}} {{component}}')],
    },
    {
      title: 'Gate',
      tells: '1 while no read begins, and how many wait for it.',
      unit: 'short',
      queries: [
        seldom('max by (region) (verdictflow_gate_held)', 'held {{region}}'),
        seldom('max by (region) (verdictflow_gate_parked_reads)', 'waiting {{region}}'),
      ],
    },
    {
      title: 'Who asks for tasks',
      tells: 'Pollers of the task queue, as the server counts them.',
      unit: 'short',
      queries: [{ expr: 'max by (kind) (verdictflow_task_queue_pollers)', legend: '{{kind}}' }],
    },
    {
      title: 'Deadlines',
      tells: 'Verifications that run, by how near their deadline is. PAST should be 0.',
      unit: 'short',
      queries: [{ expr: 'max by (within) (verdictflow_verifications_near_deadline)', legend: '{{within}}' }],
    },
  ],
  In: [
    {
      title: 'Records',
      tells: 'Records settled a second, by what became of them.',
      unit: 'ops',
      queries: RATE('verdictflow_ingress_records_total', 'disposition'),
    },
    {
      title: 'Lag',
      tells: 'Records that wait in Kafka.',
      unit: 'short',
      queries: [{ expr: 'sum by (topic) (verdictflow_consumer_lag_records)', legend: '{{topic}}' }],
    },
    {
      title: 'Share of dead letters',
      tells: 'Of the records of a topic. Above a half: a producer breaks every record.',
      unit: 'percentunit',
      queries: [
        {
          expr: 'sum by (topic) (rate(verdictflow_ingress_dead_letters_total[5m])) / sum by (topic) (rate(verdictflow_ingress_records_taken_total[5m]))',
          legend: '{{topic}}',
        },
      ],
    },
    {
      title: 'Ingress waits',
      tells: 'Part of the time in which ingress waited for a dependency; partitions that stand still.',
      unit: 'percentunit',
      queries: [
        seldom('sum by (cause) (rate(verdictflow_ingress_waited_seconds_total[5m]))', '{{cause}}'),
        seldom('max by (topic, partition, why) (verdictflow_consumer_partition_held)', '{{topic}} {{partition}} {{why}}'),
      ],
    },
    {
      title: 'Lost records',
      tells: 'Deleted before they were read. Should stay empty.',
      unit: 'short',
      queries: [seldom('sum by (topic) (verdictflow_consumer_records_lost_total)', '{{topic}}')],
    },
    {
      title: 'Admission',
      tells: 'Verifications in progress in processes of role all; 1 while a separate ingress admits nothing.',
      unit: 'short',
      queries: [
        { expr: 'sum(verdictflow_admission_in_progress)', legend: 'in progress' },
        { expr: 'max(verdictflow_admission_held)', legend: 'held' },
      ],
    },
  ],
  'The vendor': [
    {
      title: 'Reads',
      tells: 'Reads a second, by what came of them. UNCERTAIN costs a slot and brings nothing.',
      unit: 'ops',
      queries: RATE('verdictflow_vendor_reads_total', 'kind, code'),
    },
    {
      title: 'How long a read takes',
      tells: 'Waiting for the rate limit included.',
      unit: 's',
      queries: LATENCIES('verdictflow_vendor_read_seconds'),
    },
    {
      title: 'Reads per verification',
      tells: 'Of the outcomes of the last hour. The quota is 3.',
      unit: 'short',
      queries: [
        { expr: 'sum(increase(verdictflow_outcome_reads_total[1h])) / sum(increase(verdictflow_outcomes_total[1h]))', legend: 'reads' },
      ],
    },
    {
      title: 'Withheld and broken',
      tells: 'Reads that the quota guard forbade, and reads that ended in a defect.',
      unit: 'short',
      queries: [
        seldom('sum by (why) (increase(verdictflow_vendor_reads_withheld_total[1h]))', 'withheld {{why}}'),
        seldom('sum by (stage) (increase(verdictflow_vendor_reads_broken_total[1h]))', 'broken {{stage}}'),
      ],
    },
  ],
  Out: [
    {
      title: 'Outcomes',
      tells: 'Outcomes a second that Kafka acknowledged.',
      unit: 'ops',
      queries: RATE('verdictflow_outcomes_total', 'outcome'),
    },
    {
      title: 'Reasons',
      tells: 'First reasons of the last hour.',
      unit: 'short',
      queries: [{ expr: 'topk(10, sum by (reason) (increase(verdictflow_outcomes_total[1h])))', legend: '{{reason}}' }],
    },
    {
      title: 'Time to the outcome',
      tells: 'From the issue of the token.',
      unit: 's',
      queries: LATENCIES('verdictflow_time_to_outcome_seconds'),
    },
    {
      title: 'Outcomes that wait',
      tells: '1 while Kafka takes none, and attempts that were held back.',
      unit: 'short',
      queries: [
        { expr: 'max(verdictflow_outcomes_held)', legend: 'held' },
        { expr: 'sum(rate(verdictflow_emissions_held_total[5m]))', legend: 'held back a second' },
      ],
    },
  ],
  Temporal: [
    {
      title: 'Oldest task',
      tells: 'How long it waits for a worker, as the server estimates.',
      unit: 's',
      queries: [{ expr: 'max by (kind) (verdictflow_task_queue_oldest_seconds)', legend: '{{kind}}' }],
    },
    {
      title: 'From schedule to start',
      tells: 'How long workflow tasks waited, as workers saw it.',
      unit: 's',
      queries: LATENCIES('temporal_workflow_task_schedule_to_start_latency_seconds'),
    },
    {
      title: 'Slots',
      tells: 'What workers are busy with.',
      unit: 'short',
      queries: [{ expr: 'sum by (worker_type) (temporal_worker_task_slots_used)', legend: '{{worker_type}}' }],
    },
    {
      title: 'Cache',
      tells: 'Workflows in memory, and those that had to be re-executed.',
      unit: 'short',
      queries: [
        { expr: 'sum(temporal_sticky_cache_size)', legend: 'in the cache' },
        seldom('sum(rate(temporal_sticky_cache_miss_total[5m]))', 'missed a second'),
      ],
    },
  ],
  Processes: [
    { title: 'CPU', tells: 'Cores.', unit: 'short', queries: [{ expr: 'rate(process_cpu_seconds_total[5m])', legend: '{{instance}}' }] },
    { title: 'Memory', tells: 'Resident.', unit: 'bytes', queries: [{ expr: 'process_resident_memory_bytes', legend: '{{instance}}' }] },
    {
      title: 'Event loop',
      tells: 'Part of the time in which it had something to do.',
      unit: 'percentunit',
      queries: [{ expr: 'nodejs_eventloop_utilization_ratio', legend: '{{instance}}' }],
    },
  ],
};

const SOURCE = { type: 'prometheus', uid: '${datasource}' } as const;
const [COLUMNS, WIDTH, HEIGHT] = [24, 6, 7];

/** The board as Grafana imports it. */
export function dashboardJson(): string {
  const panels: object[] = [];
  let y = 0;
  for (const [row, list] of Object.entries(BOARD)) {
    panels.push({ id: panels.length + 1, type: 'row', title: row, collapsed: false, gridPos: { h: 1, w: COLUMNS, x: 0, y }, panels: [] });
    y += 1;
    list.forEach((panel, at) => {
      const gridPos = { h: HEIGHT, w: WIDTH, x: (at * WIDTH) % COLUMNS, y: y + Math.floor((at * WIDTH) / COLUMNS) * HEIGHT };
      panels.push({ id: panels.length + 1, gridPos, ...drawn(panel) });
    });
    y += Math.ceil((list.length * WIDTH) / COLUMNS) * HEIGHT;
  }
  return `${JSON.stringify({
    uid: 'verdictflow',
    title: 'verdictflow',
    tags: ['verdictflow'],
    schemaVersion: 39,
    editable: true,
    refresh: '30s',
    time: { from: 'now-6h', to: 'now' },
    templating: { list: [{ name: 'datasource', type: 'datasource', query: 'prometheus', label: 'Prometheus' }] },
    panels,
  })}\n`;
}

function drawn({ title, tells, unit, queries }: Panel): object {
  return {
    type: 'timeseries',
    title,
    description: tells,
    datasource: SOURCE,
    fieldConfig: { defaults: { unit, min: 0, custom: { fillOpacity: 10, showPoints: 'never' } }, overrides: [] },
    options: { legend: { displayMode: 'list', placement: 'bottom', showLegend: true }, tooltip: { mode: 'multi', sort: 'desc' } },
    targets: queries.map(({ expr, legend }, at) => ({
      refId: String.fromCharCode('A'.charCodeAt(0) + at),
      datasource: SOURCE,
      expr,
      legendFormat: legend,
    })),
  };
}
