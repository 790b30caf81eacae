import type { Kafka } from 'kafkajs';
import type { RawBroker } from './topic-ids.ts';
import { notAsKnown } from './internals.ts';

type Address = { readonly host: string; readonly port: number };

/** What is used of kafkajs's own, untyped cluster: brokers to which requests can be sent that it does not know. */
type Cluster = {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  refreshMetadata(): Promise<void>;
  findBroker(of: { readonly nodeId: string }): Promise<RawBroker>;
  findGroupCoordinator(of: { readonly groupId: string }): Promise<RawBroker>;
  readonly brokerPool: {
    /** Of the broker that was asked first; null until it has answered. */
    readonly versions: RawBroker['versions'];
    readonly metadata: { readonly brokers: readonly Address[]; readonly controllerId: number } | null;
  };
};

type SeenCluster = { readonly cluster: Cluster; readonly any: RawBroker };

const CREATE = 'private:Kafka:createCluster';

/** Runs `work` with a cluster of its own and disconnects it. Nothing is asked for that makes anything. */
export async function withCluster<T>(kafka: Kafka, work: (seen: SeenCluster) => Promise<T>): Promise<T> {
  const cluster = clusterOf(kafka);
  try {
    await cluster.connect();
    await cluster.refreshMetadata();
    // In a cluster with KRaft it is any broker, which passes on what is for controllers.
    const any = await cluster.findBroker({ nodeId: String(cluster.brokerPool.metadata?.controllerId) });
    return await work({ cluster, any });
  } finally {
    await cluster.disconnect();
  }
}

/** Connects to the brokers that are configured, and no other: which versions of which requests the first that answers speaks. */
export async function versionsOf(kafka: Kafka): Promise<NonNullable<RawBroker['versions']>> {
  const cluster = clusterOf(kafka);
  try {
    await cluster.connect();
    return cluster.brokerPool.versions ?? {};
  } finally {
    await cluster.disconnect();
  }
}

/** Connects to the brokers that are configured, and no other: where the first that answers sends clients. */
export async function advertisedBy(kafka: Kafka): Promise<readonly Address[]> {
  const cluster = clusterOf(kafka);
  try {
    await cluster.connect();
    await cluster.refreshMetadata();
    return cluster.brokerPool.metadata?.brokers ?? [];
  } finally {
    await cluster.disconnect();
  }
}

function clusterOf(kafka: Kafka): Cluster {
  const symbol = Object.getOwnPropertySymbols(kafka).find(({ description }) => description === CREATE);
  const create: unknown = symbol && Reflect.get(kafka, symbol);
  if (typeof create !== 'function') throw notAsKnown(`Kafka lacks ${CREATE}`);
  const cluster: unknown = Reflect.apply(create, kafka, [{ metadataMaxAge: 60_000, allowAutoTopicCreation: false }]);
  if (!isCluster(cluster)) throw notAsKnown('its cluster has no brokers to find');
  return cluster;
}

function isCluster(value: unknown): value is Cluster {
  const methods = ['connect', 'disconnect', 'refreshMetadata', 'findBroker', 'findGroupCoordinator'];
  return typeof value === 'object' && value !== null && methods.every((name) => typeof Reflect.get(value, name) === 'function');
}
