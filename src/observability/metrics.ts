import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { evidenceMetrics } from './evidence-metrics.ts';

type Definition = {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
  readonly buckets?: readonly number[];
};

type MetricRow = {
  readonly name: string;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
  readonly help: string;
};

function factories(registry: Registry, rows: MetricRow[]) {
  const note = (kind: MetricRow['kind'], { name, help, labels = [] }: Definition) => {
    rows.push({ name, kind, labels, help });
    return { name, help, labelNames: [...labels], registers: [registry] };
  };
  return {
    counter: (definition: Definition) => new Counter(note('counter', definition)),
    gauge: (definition: Definition) => new Gauge(note('gauge', definition)),
    /** A gauge whose value is asked for at each scrape, so that it is never out of date. */
    askedGauge: (definition: Definition) => {
      let ask = (): void => undefined;
      const gauge = new Gauge({ ...note('gauge', definition), collect: () => ask() });
      return {
        from(source: () => number, labels: Readonly<Record<string, string>> = {}): void {
          ask = () => gauge.set(labels, source());
        },
      };
    },
    histogram: (definition: Definition) => new Histogram({ ...note('histogram', definition), buckets: [...(definition.buckets ?? [])] }),
  };
}

/** Every metric of the project. Labels are closed sets of few values: never an id, a token, a topic offset or free text. */
export function defineMetrics(registry: Registry, rows: MetricRow[] = []) {
  const make = factories(registry, rows);
  return {
    ...ingressMetrics(make),
    ...workerMetrics(make),
    ...gateMetrics(make),
    ...evidenceMetrics(make),
    ...codecMetrics(make),
    ...processMetrics(make),
  };
}

export type Metrics = ReturnType<typeof defineMetrics>;
export type Factories = ReturnType<typeof factories>;

function ingressMetrics({ counter, gauge, askedGauge, histogram }: Factories) {
  return {
    records: counter({
      name: 'verdictflow_ingress_records_total',
      help: 'Records settled: STARTED, ALREADY_STARTED, IGNORED, DEAD_LETTERED, HINT_DELIVERED or HINT_DROPPED.',
      labels: ['disposition'],
    }),
    recordsTaken: counter({
      name: 'verdictflow_ingress_records_taken_total',
      help: 'Records of a topic that are durable, whatever became of them: what the share of dead letters is a share of.',
      labels: ['topic'],
    }),
    conflictingRequests: counter({
      name: 'verdictflow_ingress_conflicting_requests_total',
      help: 'Requests that repeat a known token with other fields; the first one won.',
    }),
    deadLetters: counter({
      name: 'verdictflow_ingress_dead_letters_total',
      help: 'Records sent to the dead-letter topic, by the topic they came from and the reason.',
      labels: ['topic', 'reason'],
    }),
    deadLettersCut: counter({
      name: 'verdictflow_ingress_dead_letters_cut_total',
      help: 'Dead letters of which the topic took a stub only. The whole record is left at its own offset alone: save it.',
    }),
    hintsDropped: counter({
      name: 'verdictflow_ingress_hints_dropped_total',
      help: 'Hints given up, by reason: NOT_FOUND, REFUSED, FAILED, OVERLOAD or STOPPED. Hints only advise.',
      labels: ['why'],
    }),
    hintsDistrusted: counter({
      name: 'verdictflow_ingress_hints_distrusted_total',
      help: 'Hints that called themselves trusted and were taken as untrusted, because `VF_TRUST_HINTS` is false.',
    }),
    recordFailures: counter({
      name: 'verdictflow_ingress_record_failures_total',
      help: 'Unexpected errors while handling one record; it is tried again before it goes to the dead letters.',
    }),
    waiting: gauge({
      name: 'verdictflow_ingress_waiting',
      help: '1 while ingress waits for the cause (kafka, temporal, CLOCK, START_REFUSED, DEFECT). For minutes: an outage.',
      labels: ['cause'],
    }),
    waited: counter({
      name: 'verdictflow_ingress_waited_seconds_total',
      help: 'Time that ingress spent waiting for a dependency, by cause.',
      labels: ['cause'],
    }),
    consumerJoined: gauge({
      name: 'verdictflow_consumer_joined',
      help: '1 while this process is a member of its consumer group.',
    }),
    consumerEvents: counter({
      name: 'verdictflow_consumer_events_total',
      help: 'Events of the Kafka consumer: JOINED, REBALANCING, CRASHED, BATCH_FAILED, REWOUND, RECORDS_LOST, LOSS_POSSIBLE.',
      labels: ['event'],
    }),
    consumerRecordsLost: counter({
      name: 'verdictflow_consumer_records_lost_total',
      help: 'Records at most that were deleted from a topic (retention, or by hand) before they were read. Should stay 0.',
      labels: ['topic', 'partition'],
    }),
    consumerLag: gauge({
      name: 'verdictflow_consumer_lag_records',
      help: 'Records behind the last handled one of a partition, as of the last fetch; what open transactions hold back included.',
      labels: ['topic', 'partition'],
    }),
    partitionHeld: gauge({
      name: 'verdictflow_consumer_partition_held',
      help: '1 while a partition stands still and others go on: UNREADABLE (a batch cannot be read) or OPEN_TRANSACTION. Absent otherwise.',
      labels: ['topic', 'partition', 'why'],
    }),
    batchDuration: histogram({
      name: 'verdictflow_consumer_batch_seconds',
      help: 'How long a fetched batch took until all of it was durable.',
      buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60],
    }),
    inProgress: askedGauge({
      name: 'verdictflow_admission_in_progress',
      help: 'Verifications that hold an admission permit of this process.',
    }),
    admissionHeld: gauge({
      name: 'verdictflow_admission_held',
      help: '1 while no verification is admitted because the backlog of the workers is too old.',
    }),
  };
}

function workerMetrics({ counter, gauge, histogram }: Factories) {
  return {
    reads: counter({
      name: 'verdictflow_vendor_reads_total',
      help: 'Reads that ended, by kind of result (ANSWER, VENDOR_ERROR, MALFORMED, UNCERTAIN, UNSENT) and its code.',
      labels: ['kind', 'code'],
    }),
    readDuration: histogram({
      name: 'verdictflow_vendor_read_seconds',
      help: 'How long reads took, waiting for the rate limit included.',
      labels: ['kind'],
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    }),
    readsWithheld: counter({
      name: 'verdictflow_vendor_reads_withheld_total',
      help: 'Dispatches that the quota guard refused, by reason. An operator reset, restarted or re-dispatched something.',
      labels: ['why'],
    }),
    readsRecovered: counter({
      name: 'verdictflow_vendor_reads_recovered_total',
      help: 'Reads of earlier runs that a reset, restarted or replayed run took from history instead of repeating them.',
    }),
    readsBroken: counter({
      name: 'verdictflow_vendor_reads_broken_total',
      help: 'Reads that ended in a defect of this program, by stage. Should stay 0.',
      labels: ['stage'],
    }),
    outcomes: counter({
      name: 'verdictflow_outcomes_total',
      help: 'Outcomes acknowledged by Kafka, by kind and first reason.',
      labels: ['outcome', 'reason'],
    }),
    outcomeReads: counter({
      name: 'verdictflow_outcome_reads_total',
      help: 'Vendor reads that the emitted outcomes used; divided by the outcomes: reads per verification.',
    }),
    emissionDuration: histogram({
      name: 'verdictflow_emission_seconds',
      help: 'How long Kafka took to acknowledge an outcome.',
      buckets: [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30],
    }),
    outcomesHeld: gauge({
      name: 'verdictflow_outcomes_held',
      help: '1 while Kafka does not take outcomes: they wait in Temporal, and one now and then tries.',
    }),
    emissionsHeld: counter({
      name: 'verdictflow_emissions_held_total',
      help: 'Attempts to emit an outcome that were held back at once, because Kafka takes none or has enough to take; each comes again by itself.',
    }),
    timeToOutcome: histogram({
      name: 'verdictflow_time_to_outcome_seconds',
      help: 'From the issue of the token to the acknowledged outcome.',
      buckets: [1, 10, 60, 300, 1_200, 3_600, 14_400, 43_200, 86_400],
    }),
    producerSends: counter({
      name: 'verdictflow_producer_sends_total',
      help: 'Send calls to Kafka, by result (OK, FAILED). A producer that failed is thrown away.',
      labels: ['topic', 'result'],
    }),
    producerRecords: counter({
      name: 'verdictflow_producer_records_total',
      help: 'Records that Kafka acknowledged.',
      labels: ['topic'],
    }),
    producerDuration: histogram({
      name: 'verdictflow_producer_send_seconds',
      help: 'How long acknowledged send calls took.',
      buckets: [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30],
    }),
  };
}

function gateMetrics({ gauge, askedGauge, counter }: Factories) {
  return {
    gateHeld: askedGauge({
      name: 'verdictflow_gate_held',
      help: '1 while the gate of the vendor account lets no read begin, the one that tries the vendor aside; also while a worker cannot tell.',
      labels: ['region'],
    }),
    parkedReads: gauge({
      name: 'verdictflow_gate_parked_reads',
      help: 'Reads that wait on the server for the gate, or for the rate of the account, as it estimates them; counted while either holds reads back, or some are left.',
      labels: ['region'],
    }),
    gateStops: counter({
      name: 'verdictflow_gate_stops_total',
      help: 'How often this worker met what the vendor says to stop for, and held the gate: DATA_SOURCE_ERROR, AUTHENTICATION_ERROR or AUTHORIZATION_ERROR.',
      labels: ['sign'],
    }),
    concurrencyRefusals: counter({
      name: 'verdictflow_reads_at_once_lowered_total',
      help: 'How often the vendor refused a read because too many were under way, so that this worker halved its own.',
    }),
  };
}

function codecMetrics({ counter }: Factories) {
  return {
    codecRequests: counter({
      name: 'verdictflow_codec_requests_total',
      help: 'Requests that the codec server answered, by HTTP status.',
      labels: ['status'],
    }),
    codecPayloads: counter({
      name: 'verdictflow_codec_payloads_total',
      help: 'Payloads that the codec server decrypted, or left encrypted because it lacks the key (unreadable).',
      labels: ['result'],
    }),
  };
}

function processMetrics({ gauge }: Factories) {
  return {
    credentialsUnusable: gauge({
      name: 'verdictflow_credentials_unusable',
      help: '1 while files with credentials of these settings (VF_*, TEMPORAL_*) have changed to what cannot be used: those before are used on.',
      labels: ['variables'],
    }),
    queuePollers: gauge({
      name: 'verdictflow_task_queue_pollers',
      help: 'How many asked for tasks of that kind (workflow, activity) within two minutes, as the server tells. 0: nothing goes on.',
      labels: ['kind'],
    }),
    queueOldest: gauge({
      name: 'verdictflow_task_queue_oldest_seconds',
      help: 'How long the oldest task of that kind waits for a worker, as the server estimates; 0 if none waits.',
      labels: ['kind'],
    }),
    runningUntil: gauge({
      name: 'verdictflow_verifications_near_deadline',
      help: 'Verifications that run with a deadline within 10m, within 1h, or in the PAST for more than a minute, as visibility tells.',
      labels: ['within'],
    }),
    ready: gauge({
      name: 'verdictflow_ready',
      help: '1 while the component of this process is ready, 0 while it is not.',
      labels: ['component'],
    }),
  };
}

/** Markdown table of all metrics, for the docs; a docs test compares it. */
export function metricsTable(): string {
  const rows = metricRows().map(
    ({ name, kind, labels, help }) => `| \`${name}\` | ${kind} | ${labels.length === 0 ? '–' : labels.join(', ')} | ${help} |`,
  );
  return ['| Metric | Kind | Labels | Meaning |', '|---|---|---|---|', ...rows].join('\n');
}

export function metricRows(): readonly MetricRow[] {
  const rows: MetricRow[] = [];
  defineMetrics(new Registry(), rows);
  return rows;
}
