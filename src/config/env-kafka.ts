import { kafkaSecurityVariables } from './env-kafka-security.ts';
import { brokerList, duration, integer, name, topicName } from './fields.ts';
import { withDefault } from './variable.ts';

export const kafkaVariables = {
  VF_KAFKA_BROKERS: withDefault(brokerList(), {
    description: 'Addresses of the Kafka brokers to begin with; an IPv6 address in brackets.',
    form: 'host:port list',
    default: 'localhost:9092',
  }),
  VF_KAFKA_REQUEST_TOPIC: withDefault(topicName(), {
    description: 'Topic from which verification requests are read.',
    form: 'topic',
    default: 'faceid.verification.requested.v1',
  }),
  VF_KAFKA_HINT_TOPIC: withDefault(topicName(), {
    description: 'Topic from which hints (a session has ended) are read.',
    form: 'topic',
    default: 'faceid.verification.hint.v1',
  }),
  VF_KAFKA_OUTCOME_TOPIC: withDefault(topicName(), {
    description: 'Topic to which final outcomes are written.',
    form: 'topic',
    default: 'faceid.verification.outcome.v1',
  }),
  VF_KAFKA_DLQ_TOPIC: withDefault(topicName(), {
    description: 'Topic to which records go that can never be handled.',
    form: 'topic',
    default: 'faceid.verification.requested.v1.dlq',
  }),
  VF_KAFKA_AUDIT_TOPIC: withDefault(topicName(), {
    description:
      'Topic to which `verdictflow replay`, `verdictflow decide`, `verdictflow hint --trusted`, `verdictflow dlq redrive`, `verdictflow evidence`, `verdictflow erase` and the sweeper write who did what and why.',
    form: 'topic',
    default: 'faceid.verification.replay-audit.v1',
  }),
  VF_KAFKA_GATE_TOPIC: withDefault(topicName(), {
    description: 'Topic to which every change of the gate is written: held or open, since when, by whom and why.',
    form: 'topic',
    default: 'faceid.verification.gate.v1',
  }),
  VF_KAFKA_GROUP_ID: withDefault(name(), {
    description: 'Consumer group of ingress. A new name reads the topics from their beginning, which is harmless.',
    form: 'name',
    default: 'verdictflow-ingress',
  }),
  VF_KAFKA_SESSION_TIMEOUT: withDefault(duration({ minMs: 1_000, maxMs: 300_000 }), {
    description:
      'How long the group waits for an ingress that died without leaving: its partitions stand still that long. ' +
      'Brokers take 6s and more, unless their `group.min.session.timeout.ms` says otherwise.',
    form: 'duration',
    default: '10s',
  }),
  ...kafkaSecurityVariables,
  VF_KAFKA_PARTITIONS: withDefault(integer({ min: 1, max: 10_000 }), {
    description: 'Partitions of a topic that `setup` makes; existing topics stay as they are.',
    form: 'integer',
    default: '6',
  }),
  VF_KAFKA_REPLICATION_FACTOR: withDefault(integer({ min: 1, max: 32 }), {
    description: 'Replicas of a topic that `setup` makes. Use 3 in production.',
    form: 'integer',
    default: '1',
  }),
};
