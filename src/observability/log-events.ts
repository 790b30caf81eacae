type Level = 'debug' | 'info' | 'warn' | 'error';

type LogEvent = {
  /** More than one where the same event is usual or not. */
  readonly levels: readonly Level[];
  readonly when: string;
  readonly advice: string;
};

const NOTHING = 'nothing';

/** Every value of the field `event` in the log, with what it tells; a test looks for each in the code. */
export const LOG_EVENTS: Readonly<Record<string, LogEvent>> = {
  setup: { levels: ['info'], when: 'with `VF_AUTO_SETUP`, something was missing and was made', advice: NOTHING },
  stopping: { levels: ['info'], when: 'a signal came', advice: NOTHING },
  stopped: {
    levels: ['info'],
    when: 'all phases of stopping have ended; `failures` names those that failed',
    advice: 'if one failed: look for its line before',
  },
  fatal: { levels: ['error'], when: 'the process ends by itself, with `exitCode`', advice: 'runbook, *The process*' },
  defect: { levels: ['error'], when: 'an error that nobody foresaw; the process ends', advice: 'report it with the line' },
  'group-joined': { levels: ['info'], when: 'ingress is a member of its consumer group', advice: NOTHING },
  rebalancing: { levels: ['info'], when: 'members of the group come or go', advice: 'if it never ends: look at what restarts' },
  'consumer-crashed': {
    levels: ['error'],
    when: 'the Kafka consumer ended by itself; a new one is built after `rebuildInMs`',
    advice: 'if it repeats: runbook, *Intake*',
  },
  'batch-failed': {
    levels: ['error'],
    when: 'an unexpected error came out of a batch, which is read again',
    advice: 'if it repeats: report it with the line',
  },
  'batch-handled': { levels: ['debug'], when: 'all records of a batch are durable', advice: NOTHING },
  'partition-held': {
    levels: ['error'],
    when: 'a partition stands still while others go on; `why` and `detail` say the reason and the remedy',
    advice: 'runbook, *Intake*',
  },
  'partition-released': { levels: ['info'], when: 'it goes on', advice: NOTHING },
  'records-lost': {
    levels: ['error'],
    when: 'retention or an operator deleted records before they were read; `atMost` says how many',
    advice: 'runbook, *Records were deleted before they were read*',
  },
  'loss-possible': {
    levels: ['error'],
    when: 'reading starts again at the beginning of a partition, and nobody can say whether records are gone; `why` tells what is known',
    advice: 'runbook, *Records may have been lost*',
  },
  'vendor-proxy': { levels: ['info'], when: 'at start: reads go through the proxy that an environment variable names', advice: NOTHING },
  'metrics-missing': {
    levels: ['warn'],
    when: 'a part of `/metrics` could not be read; the rest was answered',
    advice: 'if it repeats: report it with the line',
  },
  'credentials-read': { levels: ['info'], when: 'files with credentials have changed; the new ones are used', advice: NOTHING },
  'credentials-unusable': {
    levels: ['warn'],
    when: 'files with credentials have changed and cannot be used; those before are used on',
    advice: 'runbook, *Changed credentials are not used*',
  },
  'sasl-without-tls': {
    levels: ['warn'],
    when: 'at start: credentials and records cross the network in clear, as `VF_KAFKA_SASL_WITHOUT_TLS` allows',
    advice: 'use a listener with TLS',
  },
  'temporal-away': {
    levels: ['warn'],
    when: 'Temporal does not answer, or refuses the credentials; `reason` says which',
    advice: 'runbook, *Temporal unreachable*',
  },
  'temporal-back': { levels: ['info'], when: 'Temporal serves again', advice: NOTHING },
  'worker-refused': {
    levels: ['error'],
    when: 'Temporal refuses the worker; it is tried again until it is taken',
    advice: 'correct the credentials, or what the worker may do in the namespace',
  },
  'worker-back': { levels: ['info'], when: 'Temporal takes the worker again', advice: NOTHING },
  'setup-warning': {
    levels: ['warn'],
    when: 'at start: a topic or the namespace is set up so that records or reads are in danger, or that cannot be known',
    advice: 'change what the line names',
  },
  rewound: {
    levels: ['warn'],
    when: 'a topic is read again from its beginning: a broker did not know it for a while, or it was made anew; that loses nothing',
    advice: 'nothing, unless nobody deleted the topic: repeated tokens have one verification',
  },
  sent: { levels: ['debug'], when: 'Kafka acknowledged a send', advice: NOTHING },
  'send-failed': {
    levels: ['warn'],
    when: 'Kafka did not acknowledge a send; it comes again',
    advice: 'if it repeats: runbook, *Kafka unreachable*',
  },
  'record-settled': {
    levels: ['debug', 'warn'],
    when: 'a record is durable, by `disposition`; a warning if it went to the dead letters',
    advice: 'of dead letters: runbook, *Dead letters grow*',
  },
  'dead-letter-cut': {
    levels: ['error'],
    when: 'only a stub of a dead letter could be written',
    advice: 'save the record from its own offset before its retention ends',
  },
  'record-failed': {
    levels: ['error'],
    when: 'an unexpected error while handling a record, which is tried again',
    advice: 'report it with the line',
  },
  'request-differs': {
    levels: ['warn'],
    when: 'a token came again with other fields; the first record won',
    advice: 'correct the producer',
  },
  'hint-delivered': { levels: ['debug'], when: 'a verification has a hint', advice: NOTHING },
  'hint-distrusted': {
    levels: ['info'],
    when: 'a hint called itself trusted although `VF_TRUST_HINTS` is false',
    advice: 'runbook, *Hints are distrusted*',
  },
  'hint-dropped': { levels: ['info'], when: 'a hint was given up; `why` says the reason', advice: 'runbook, *Hints are dropped*' },
  'ingress-paused': { levels: ['warn'], when: 'records wait for `cause`', advice: 'after minutes: runbook, *Intake*' },
  'ingress-resumed': { levels: ['info'], when: 'they wait no longer', advice: NOTHING },
  admission: {
    levels: ['info'],
    when: 'the workers cannot keep up, so nothing is admitted (`held`), or they can again',
    advice: 'if it lasts: more workers',
  },
  'backlog-unknown': {
    levels: ['warn'],
    when: 'Temporal does not tell how far behind the workers are; the last answer holds',
    advice: 'if it repeats: runbook, *Temporal unreachable*',
  },
  'work-unknown': {
    levels: ['warn'],
    when: 'Temporal does not say who asks for tasks and which deadlines are near; their metrics are left out until it does',
    advice: 'if it repeats: runbook, *Temporal unreachable*; or let the credentials describe task queues and count workflows',
  },
  'read-ended': {
    levels: ['debug', 'info'],
    when: 'a read ended, with `kind` and `code`; at `info` if the vendor did not answer it properly',
    advice: NOTHING,
  },
  gate: {
    levels: ['info', 'warn'],
    when: 'the gate has changed, with `phase`, `since`, `by` and `reason`; a warning if no read may begin',
    advice: 'if nobody meant it: runbook, *The gate is held*',
  },
  'gate-stop': {
    levels: ['error'],
    when: 'this worker met what the vendor says to stop for; it reads no more and tells the gate',
    advice: 'runbook, *The gate is held*',
  },
  'gate-untold': {
    levels: ['error'],
    when: 'it could not tell the gate: the worker reads again, and `what` did not arrive',
    advice: 'hold the gate by hand: `verdictflow gate hold`',
  },
  'reads-at-once-lowered': {
    levels: ['warn'],
    when: 'the vendor refused a read because too many were under way; the worker lets fewer (`places`) begin, and more again as answers come',
    advice: 'if it goes on: runbook, *Outcomes ERROR with CONCURRENCY_SATURATED*',
  },
  'gate-unknown': {
    levels: ['warn'],
    when: 'the gate cannot be followed, and 45 s after it was last heard of no read begins here; or it does not say whether a read may try the vendor',
    advice: 'if it lasts: runbook, *Temporal unreachable*',
  },
  'evidence-swept': { levels: ['info'], when: 'a sweep got through; it says how many it erased, kept and left on hold', advice: NOTHING },
  'evidence-erased': { levels: ['info'], when: 'the sweeper erased what had expired', advice: NOTHING },
  'orphans-deleted': { levels: ['info'], when: 'the sweeper deleted objects that an erasure had left', advice: NOTHING },
  'sweep-failed': {
    levels: ['error'],
    when: 'a sweep did not get through, or one that has expired could not be erased; it is tried again within a minute, a broken key record at the next turn',
    advice: 'if it repeats: runbook, *Expired evidence is not erased*',
  },
  'erasure-untold': {
    levels: ['warn'],
    when: 'the audit topic does not have an erasure: the next sweep tells it again, unless it is `refused`',
    advice: 'if `refused`: the marker in the key store tells of it',
  },
  'read-withheld': {
    levels: ['warn'],
    when: 'the quota guard forbade a read; `why` says the reason',
    advice: 'runbook, *Reads are withheld*',
  },
  'reads-recovered': { levels: ['info'], when: 'a further run took earlier reads from history', advice: NOTHING },
  'read-broke': {
    levels: ['error'],
    when: 'a read ended in a defect, or no key opens its token',
    advice: 'of `OPEN_TOKEN`: runbook, *Outcomes ERROR with TOKEN_KEY_UNKNOWN*; else report it with the line',
  },
  'evidence-without-tls': {
    levels: ['warn'],
    when: 'at start: what S3 servers are sent may cross the network in clear, as `VF_EVIDENCE_S3_WITHOUT_TLS` allows',
    advice: 'use an endpoint with TLS',
  },
  'evidence-kept': { levels: ['debug'], when: 'an image or an answer is in the store', advice: NOTHING },
  'evidence-broke': {
    levels: ['error'],
    when: 'keeping evidence ended in a defect, or did not end in its time; the verdict goes out without',
    advice: 'report it with the line',
  },
  'evidence-retried': {
    levels: ['warn'],
    when: 'a store did not take evidence, which is put again; `detail` names the setting',
    advice: 'if it repeats: do what `detail` says',
  },
  'evidence-lost': {
    levels: ['error'],
    when: 'evidence could not be kept, and the vendor does not give it again; `why` and `detail` say the reason',
    advice: 'do what `detail` says; of `ERASED`: nothing',
  },
  'ledger-unknown': {
    levels: ['warn'],
    when: 'Temporal did not say which reads were made',
    advice: 'runbook, *Resets and starts by hand*',
  },
  'codec-decoded': {
    levels: ['info'],
    when: 'the codec server showed `who` payloads of `namespace` in clear; `decrypted` of `payloads` were encrypted',
    advice: NOTHING,
  },
  'codec-unreadable': {
    levels: ['warn'],
    when: 'a payload stayed encrypted: `why` names the key',
    advice: 'give the codec server every key of VF_PAYLOAD_KEYS that is in use anywhere',
  },
  'codec-refused': {
    levels: ['warn'],
    when: 'somebody asked the codec server who may not; `why` is TOKEN, ORIGIN, NAMESPACE or HOST',
    advice: 'if it should: VF_CODEC_TOKENS, VF_CODEC_ORIGINS, VF_CODEC_NAMESPACES',
  },
  'codec-failed': { levels: ['error'], when: 'an error of the codec server that nobody foresaw', advice: 'report it with the line' },
  'outcome-emitted': { levels: ['info'], when: 'Kafka acknowledged an outcome', advice: NOTHING },
  'outcomes-held': {
    levels: ['warn'],
    when: 'Kafka takes no outcomes, so they wait in Temporal (`held`), or it does again',
    advice: 'runbook, *Kafka unreachable*',
  },
};

/** Markdown table of all of them, for the docs. */
export function logEventTable(): string {
  const rows = Object.entries(LOG_EVENTS).map(
    ([name, { levels, when, advice }]) => `| \`${name}\` | ${levels.join(', ')} | ${when} | ${advice} |`,
  );
  return ['| Event | Level | When | What to do |', '|---|---|---|---|', ...rows].join('\n');
}
