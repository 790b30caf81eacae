/**
 * kafkajs 2.2.4 reads topics through consumer groups only: whoever looks at one record joins a group, needs a permission for it
 * and leaves it behind. Below its consumers is a client that fetches by partition and offset, which is asked for here.
 */
import type { Kafka } from 'kafkajs';
import { notAsKnown } from './internals.ts';
import type { FetchedMessage } from './record-batch.ts';
import type { RawBroker } from './questions.ts';

type Offsets = readonly { readonly partitions: readonly { readonly partition: number; readonly offset: string }[] }[];
type Answered = { readonly messages: readonly FetchedMessage[]; readonly highWatermark: string; readonly lastStableOffset?: string };

type Address = { readonly host: string; readonly port: number };

type Broker = RawBroker & {
  fetch(request: object): Promise<{ readonly responses: readonly { readonly partitions: readonly Answered[] }[] }>;
};

/** What is used of kafkajs's cluster, which has no types. */
export type Cluster = {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  refreshMetadata(): Promise<void>;
  addTargetTopic(topic: string): Promise<void>;
  findTopicPartitionMetadata(topic: string): readonly { readonly partitionId: number }[];
  findLeaderForPartitions(topic: string, partitions: readonly number[]): Readonly<Record<string, readonly number[]>>;
  fetchTopicsOffset(
    topics: readonly {
      readonly topic: string;
      readonly partitions: readonly { readonly partition: number }[];
      readonly fromBeginning: boolean;
    }[],
  ): Promise<Offsets>;
  findBroker(node: { readonly nodeId: string }): Promise<Broker>;
  findGroupCoordinator(of: { readonly groupId: string }): Promise<RawBroker>;
  readonly brokerPool: {
    /** Of the broker that was asked first; null until it has answered. */
    readonly versions: RawBroker['versions'];
    readonly metadata: { readonly brokers: readonly Address[]; readonly controllerId: number } | null;
  };
};

const CREATE_CLUSTER = 'private:Kafka:createCluster';
const METHODS = [
  'connect',
  'disconnect',
  'refreshMetadata',
  'addTargetTopic',
  'findTopicPartitionMetadata',
  'findLeaderForPartitions',
  'fetchTopicsOffset',
  'findBroker',
  'findGroupCoordinator',
] as const satisfies readonly (keyof Cluster)[];

/** A client of its own with the settings of `kafka`; it makes no topics. @throws Error if kafkajs is not the version that is known. */
export function clusterOf(kafka: Kafka): Cluster {
  const door = Object.getOwnPropertySymbols(kafka).find(({ description }) => description === CREATE_CLUSTER);
  const create: unknown = door && Reflect.get(kafka, door);
  // Isolation level 0: the end of a partition is that of all its records, open transactions included.
  const options = { metadataMaxAge: 60_000, allowAutoTopicCreation: false, isolationLevel: 0 };
  const cluster: unknown = typeof create === 'function' ? Reflect.apply(create, kafka, [options]) : undefined;
  if (isCluster(cluster)) return cluster;
  throw notAsKnown('its cluster is another');
}

function isCluster(value: unknown): value is Cluster {
  return typeof value === 'object' && value !== null && METHODS.every((name) => typeof Reflect.get(value, name) === 'function');
}
