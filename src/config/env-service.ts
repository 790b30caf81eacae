import { SCORES } from '../domain/judging/minimise.ts';
import { duration, flag, integer, listenAddress, oneOf, taskQueueName } from './fields.ts';
import { linkUrl } from './http-url.ts';
import { tokenKeys } from './token-keys.ts';
import { optional, path, withDefault } from './variable.ts';

const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const HOUR_MS = 3_600_000;

export const serviceVariables = {
  VF_TASK_QUEUE: withDefault(taskQueueName(), {
    description: 'Temporal task queue that connects ingress and workers.',
    form: 'name',
    default: 'verdictflow',
  }),
  VF_TOKEN_KEYS: optional(tokenKeys(), {
    description:
      'Keys that seal tokens before they enter Temporal: the first one seals, all of them open. Rotate by putting a new one in front.',
    form: 'id:base64-of-32-bytes[,…]',
    secret: true,
    requiredFor: ['all', 'ingress', 'worker'],
  }),
  VF_TOKEN_KEYS_FILE: path('File that holds the token keys, instead of the variable itself; there each may have a line of its own.'),
  VF_PAYLOAD_KEYS: optional(tokenKeys(), {
    description:
      'Keys that encrypt everything verdictflow puts into Temporal, beyond the token: the first one encrypts, all of them decrypt. Absent: nothing is encrypted but the token.',
    form: 'id:base64-of-32-bytes[,…]',
    secret: true,
    requiredFor: ['codec-server'],
  }),
  VF_PAYLOAD_KEYS_FILE: path('File that holds the payload keys, instead of the variable itself; there each may have a line of its own.'),
  VF_PAYLOAD_ENCRYPT: withDefault(flag(), {
    description:
      'False: the payload keys only decrypt. For the time before all processes have a first key, and after encryption was given up.',
    form: 'true or false',
    default: 'true',
  }),
  VF_SCORES: withDefault(oneOf(SCORES), {
    description:
      "How much of the vendor's figures outcome and history keep: `full`, `banded` (levels reached, liveness to tenths) or `none` (levels reached). The verdict is the same.",
    form: SCORES.join(', '),
    default: 'full',
  }),
  VF_TRUST_HINTS: withDefault(flag(), {
    description:
      'Hints from Kafka may call themselves `trusted` and thereby use the reserve. ' +
      'Only where every writer of the hint topic may decide over the last read of every token; else they are taken as untrusted.',
    form: 'true or false',
    default: 'false',
  }),
  VF_MAX_IN_PROGRESS: withDefault(integer({ min: 1, max: 10_000 }), {
    description:
      'Role `all`: verifications that it starts before earlier ones are through their first steps. A separate ingress watches the task queue instead.',
    form: 'integer',
    default: '40',
  }),
  VF_MAX_CACHED_WORKFLOWS: optional(integer({ min: 40, max: 1_000_000 }), {
    description:
      'Verifications that a worker keeps in memory between their steps; the others it re-executes from their histories. Absent: as many as the SDK takes the heap of Node.js to hold. See docs/operating.md for what they take.',
    form: 'integer',
  }),
  VF_AUTO_SETUP: withDefault(flag(), {
    description: 'Make missing topics, namespace and search attributes at start, as `verdictflow setup` does.',
    form: 'true or false',
    default: 'false',
  }),
  VF_STARTUP_TIMEOUT: withDefault(duration({ minMs: 100, maxMs: HOUR_MS }), {
    description: 'How long a process waits for Kafka and Temporal before it ends with exit code 69; commands wait 10 s at most.',
    form: 'duration',
    default: '60s',
  }),
  VF_SHUTDOWN_TIMEOUT: withDefault(duration({ minMs: 1_000, maxMs: HOUR_MS }), {
    description: 'Limit of each shutdown phase. Must exceed `VF_FACEID_TIMEOUT` by more than 15 s, or a read in flight could be cut off.',
    form: 'duration',
    default: '30s',
  }),
  VF_ADMIN_HOST: withDefault(listenAddress(), {
    description:
      'Address on which `/live`, `/ready` and `/metrics` are served: `0.0.0.0` every one of IPv4, `::` those of IPv6 as well, `127.0.0.1` this machine alone. Nothing there asks who calls.',
    form: 'IP address or localhost',
    default: '0.0.0.0',
  }),
  VF_ADMIN_PORT: withDefault(integer({ min: 0, max: 65_535 }), {
    description: 'Port of `/live`, `/ready` and `/metrics`. 0: any free port, named in the ready line.',
    form: 'port',
    default: '0',
  }),
  VF_LOG_LEVEL: withDefault(oneOf(LOG_LEVELS), {
    description: 'Least severe log line that is printed.',
    form: LOG_LEVELS.join(', '),
    default: 'info',
  }),
  VF_NAMESPACE_RETENTION: withDefault(duration({ minMs: 24 * HOUR_MS, maxMs: 8_760 * HOUR_MS }), {
    description: 'Retention of a Temporal namespace that `setup` makes. It bounds how far back a repeated token is recognised.',
    form: 'duration',
    default: '720h',
  }),
  VF_TEMPORAL_API_KEY_FILE: path('File that holds the API key for Temporal, instead of `TEMPORAL_API_KEY`.'),
  VF_TEMPORAL_UI_URL: optional(linkUrl(), {
    description: 'Address of the Temporal UI; `show` then prints a link.',
    form: 'URL',
  }),
};
