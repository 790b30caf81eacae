/** What `doctor` looks at, in the order in which it tells it; docs/doctor.md is made of it. */
export const CHECKS = {
  settings: {
    tells: 'whatever `verdictflow config` refuses, all at once. What rests on a wrong setting is SKIPPED below',
    remedy: 'what the line names',
  },
  surroundings: {
    tells:
      'variables of others that undo promises of ours: NODE_OPTIONS, NODE_DEBUG, NODE_EXTRA_CA_CERTS, GRPC_TRACE, service links of Kubernetes; a tracer that cannot be silenced',
    remedy: 'remove the variable, or the tracer; `enableServiceLinks: false` in the pod',
  },
  node: { tells: 'the version of Node.js against the lowest one that the package allows', remedy: 'install a newer one' },
  packages: {
    tells: 'whether the codecs of compressed records load on this platform: snappy, lz4, zstd',
    remedy: 'install with optional packages (no `--omit=optional`), on the platform on which it runs',
  },
  'secret-files': {
    tells: 'whether everybody on this machine may read or change the files that hold secrets',
    remedy: '`chmod o-rwx`; `defaultMode: 0440` for a volume of Kubernetes',
  },
  'admin-port': {
    tells: 'whether `/metrics` and `/ready`, which ask nobody who calls, are open to the network outside a container',
    remedy: '`VF_ADMIN_HOST=127.0.0.1`',
  },
  'kafka-bootstrap': {
    tells: 'each address of VF_KAFKA_BROKERS by itself: connection, TLS, login, version',
    remedy: 'VF_KAFKA_BROKERS, VF_KAFKA_SSL*, VF_KAFKA_SASL_*, as the line says',
  },
  'kafka-brokers': {
    tells: 'each broker by the address that the cluster tells its clients (advertised.listeners), in the same way',
    remedy: 'a route or a name for that address from here, or `advertised.listeners` of the broker',
  },
  'kafka-tls': {
    tells: 'certificates of the brokers and our own: which run out within 30 days, and whether records cross a network in clear',
    remedy: 'renew the certificate; VF_KAFKA_SSL',
  },
  'kafka-topics': {
    tells:
      'existence, partitions, leaders, replicas in sync, min.insync.replicas, retention against VF_WINDOW, cleanup.policy, max.message.bytes',
    remedy: '`verdictflow setup`, or `kafka-configs.sh --alter`, as the line says',
  },
  'kafka-rights': {
    tells: 'what the brokers let this user do with each topic and the group, by their own account: nothing is written to find out',
    remedy: '`kafka-acls.sh --add` for the operation that the line names',
  },
  'kafka-group': {
    tells: 'state and members of VF_KAFKA_GROUP_ID, and partitions that none of them reads',
    remedy: 'start ingress; docs/runbook.md, Intake',
  },
  'kafka-lag': {
    tells: 'records that wait, seen twice two seconds apart: whether they are read meanwhile, and whether some were deleted unread',
    remedy: 'docs/runbook.md, Intake',
  },
  'kafka-clock': {
    tells: 'the clock of this machine against the active controller of Kafka',
    remedy: 'set the clock of the machine that is off (NTP)',
  },
  'temporal-server': {
    tells: 'address, TLS, credentials, version',
    remedy: 'TEMPORAL_ADDRESS, TEMPORAL_TLS_*, TEMPORAL_API_KEY, as the line says',
  },
  'temporal-namespace': {
    tells: 'existence, and retention against VF_WINDOW and against the retention of the request topic',
    remedy: '`verdictflow setup`; `temporal operator namespace update --retention`',
  },
  'search-attributes': {
    tells: 'which are missing, or of another type',
    remedy: '`verdictflow setup`; a wrong type has to be removed first',
  },
  'temporal-pollers': {
    tells: 'who asks VF_TASK_QUEUE for workflow tasks and activities, and when the last one did',
    remedy: 'start workers with this VF_TASK_QUEUE, TEMPORAL_NAMESPACE and TEMPORAL_ADDRESS',
  },
  'temporal-workers': {
    tells: 'versions and code of the workers, by their heartbeats: they should be equal outside a deploy',
    remedy: 'finish the deploy, stop the old ones',
  },
  'temporal-queues': {
    tells: 'rate limits of the task queues, with who and why: that of the reads against what the gate wants; and whether the gate is open',
    remedy: '`temporal task-queue config set --queue-rps-limit default`; `verdictflow gate`',
  },
  'temporal-backlog': { tells: 'how long the oldest task waits', remedy: 'more workers; docs/runbook.md, Temporal' },
  'temporal-clock': {
    tells: 'the clock of this machine against that of Temporal',
    remedy: 'set the clock of the machine that is off (NTP)',
  },
  'sealing-keys': {
    tells: 'whether workers and ingress hold the same VF_TOKEN_KEYS as this process, by prints of the keys',
    remedy: 'give all processes the same keys; add a key to all before one puts it in front',
  },
  'payload-keys': {
    tells: 'whether workers and ingress hold the same VF_PAYLOAD_KEYS as this process, by prints of the keys',
    remedy: 'give all processes the same keys, with `VF_PAYLOAD_ENCRYPT=false` until all have them',
  },
  'evidence-stores': {
    tells:
      'whether the store of evidence and that of its keys take a probe, give it back and delete it, and obey conditional writes, and that the one of the keys keeps no versions',
    remedy: 'VF_EVIDENCE_STORE, VF_EVIDENCE_KEY_STORE and their credentials, as the line says',
  },
  'vendor-address': {
    tells: 'VF_FACEID_BASE_URL: connection, proxy, TLS, and a certificate that runs out within 30 days',
    remedy: 'VF_FACEID_BASE_URL, HTTPS_PROXY, NO_PROXY, NODE_EXTRA_CA_CERTS, as the line says',
  },
  'vendor-key': {
    tells: 'whether the vendor takes key and secret: it has to refuse a token that cannot exist for the token, not for the key',
    remedy: 'VF_FACEID_API_KEY, VF_FACEID_API_SECRET, VF_FACEID_BASE_URL, as the line says',
  },
  'vendor-clock': {
    tells: 'the clock of this machine against the Date of that answer',
    remedy: 'set the clock of the machine that is off (NTP)',
  },
} as const;

export type CheckId = keyof typeof CHECKS;
