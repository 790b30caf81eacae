import { protocolTypeOf, topicRefusalsOf } from './errors.ts';

/** A topic that was to be made, and the variable that names it. */
export type WantedTopic = {
  readonly topic: string;
  readonly variable: string;
  readonly partitions: number;
  readonly replicationFactor: number;
  readonly config: Readonly<Record<string, string>>;
};

/** Why a topic could not be made, and which setting or right mends it; undefined if no broker has said anything. */
export function explainTopicRefusal(error: unknown, wanted: WantedTopic): string | undefined {
  const refusal = topicRefusalsOf(error).find(({ topic }) => topic === wanted.topic);
  const type = refusal?.type ?? protocolTypeOf(error);
  if (type === undefined) return undefined;
  const said = refusal?.text === undefined || refusal.text === '' ? '' : `, "${refusal.text}"`;
  return `topic ${wanted.topic} (${wanted.variable}) cannot be made (${type}${said}): ${remedyOf(type, wanted)}`;
}

function remedyOf(type: string, { variable, partitions, replicationFactor, config }: WantedTopic): string {
  const replicas = `VF_KAFKA_REPLICATION_FACTOR (${replicationFactor})`;
  const settings = Object.entries(config).map(([name, value]) => `${name}=${value}`);
  switch (type) {
    case 'INVALID_REPLICATION_FACTOR':
      return `set ${replicas} to what the brokers take, at most their number`;
    case 'INVALID_PARTITIONS':
      return `set VF_KAFKA_PARTITIONS (${partitions}) to what the brokers take`;
    case 'INVALID_CONFIG':
      return `the brokers do not take its settings (${settings.join(', ')}); let those who run the cluster make it`;
    case 'INVALID_TOPIC_EXCEPTION':
      return `give ${variable} a name that the brokers take; one that differs from an existing topic only in "." and "_" is none`;
    case 'POLICY_VIOLATION':
      return (
        `a policy of the cluster forbids it; adapt VF_KAFKA_PARTITIONS (${partitions}), ${replicas} or ${variable}, ` +
        `or let those who run the cluster make it${settings.length === 0 ? '' : `, with ${settings.join(', ')}`}`
      );
    case 'TOPIC_AUTHORIZATION_FAILED':
    case 'CLUSTER_AUTHORIZATION_FAILED':
      return 'give the user of VF_KAFKA_SASL_USERNAME (or its certificate) CREATE on it, or, if it exists already, DESCRIBE';
    default:
      return 'let those who run the cluster make it';
  }
}
