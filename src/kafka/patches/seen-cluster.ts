/**
 * kafkajs 2.2.4 tells neither which versions of its requests a broker speaks nor where a cluster sends its clients. Both are
 * known to the client below, which is asked here, and to which requests can be sent that kafkajs does not know.
 */
import type { Kafka } from 'kafkajs';
import { type Cluster, clusterOf } from './cluster.ts';
import type { RawBroker } from './questions.ts';

type SeenCluster = { readonly cluster: Cluster; readonly any: RawBroker };

/** Runs `work` with a cluster of its own and disconnects it. Nothing is asked for that makes anything. */
export async function withCluster<T>(kafka: Kafka, work: (seen: SeenCluster) => Promise<T>): Promise<T> {
  return await connected(kafka, async (cluster) => {
    await cluster.refreshMetadata();
    // In a cluster with KRaft it is any broker, which passes on what is for controllers.
    const any = await cluster.findBroker({ nodeId: String(cluster.brokerPool.metadata?.controllerId) });
    return await work({ cluster, any });
  });
}

/** Connects to the brokers that are configured, and no other: which versions of which requests the first that answers speaks. */
export async function versionsOf(kafka: Kafka): Promise<NonNullable<RawBroker['versions']>> {
  return await connected(kafka, ({ brokerPool }) => brokerPool.versions ?? {});
}

/** Connects to the brokers that are configured, and no other: where the first that answers sends clients. */
export async function advertisedBy(kafka: Kafka): Promise<NonNullable<Cluster['brokerPool']['metadata']>['brokers']> {
  return await connected(kafka, async (cluster) => {
    await cluster.refreshMetadata();
    return cluster.brokerPool.metadata?.brokers ?? [];
  });
}

async function connected<T>(kafka: Kafka, work: (cluster: Cluster) => T | Promise<T>): Promise<T> {
  const cluster = clusterOf(kafka);
  try {
    await cluster.connect();
    return await work(cluster);
  } finally {
    await cluster.disconnect();
  }
}
