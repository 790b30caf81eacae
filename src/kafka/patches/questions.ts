/**
 * Requests that kafkajs 2.2.4 does not speak, or speaks in a version too old to tell what is asked here: the id of a topic
 * (KIP-516), what a user may do (KIP-430), and the time by the controller's clock (KIP-836). They read and change nothing.
 */
import { defined } from '../../domain/defined.ts';
import { compact, createReader, INT16, INT32, INT64, INT8, int16, int32, type Reader, varint } from './compact.ts';

type Exchange<T> = {
  readonly request: object;
  readonly response: { decode(raw: Buffer): Promise<T>; parse(decoded: T): Promise<T> };
};

/** What is used of kafkajs's own, untyped broker. */
export type RawBroker = {
  /** By number of the API: what the broker speaks. Null until it is connected. */
  readonly versions: Readonly<Record<number, { readonly minVersion: number; readonly maxVersion: number }>> | null;
  readonly connectionPool: { send<T>(exchange: Exchange<T>): Promise<T> };
};

type Question<T> = {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly apiName: string;
  readonly payload: Buffer;
  read(raw: Buffer): T;
};

/** Undefined if the broker does not speak that version. Rejects with kafkajs's errors. */
async function ask<T>(broker: RawBroker, { apiKey, apiVersion, apiName, payload, read }: Question<T>): Promise<T | undefined> {
  const spoken = broker.versions?.[apiKey];
  if (spoken === undefined || spoken.minVersion > apiVersion || spoken.maxVersion < apiVersion) return undefined;
  // In the shape of kafkajs's encoder.
  const encoded = { buf: payload, buffer: payload };
  return await broker.connectionPool.send({
    request: { apiKey, apiVersion, apiName, encode: () => Promise.resolve(encoded) },
    response: { decode: (raw: Buffer) => Promise.resolve(read(raw)), parse: (answer) => Promise.resolve(answer) },
  });
}

const NO_ID = Buffer.alloc(16);
const [YES, NO] = [1, 0];
/** `INT32` minimum: the broker did not say. */
const UNTOLD = -2_147_483_648;

/** Codes of the protocol. */
export const TOPIC_AUTHORIZATION_FAILED = 29;
export const GROUP_AUTHORIZATION_FAILED = 30;

export type DescribedTopic = {
  readonly topic: string;
  /** As `kafka-topics.sh --describe` prints it: a topic that is deleted and created anew has another. */
  readonly id?: string;
  /** 0: it is there. */
  readonly error: number;
  readonly partitions: readonly {
    readonly partition: number;
    readonly leader: number;
    readonly replicas: number;
    readonly inSync: number;
  }[];
  readonly operations?: ReadonlySet<number>;
};

/** Topics with what this user may do. */
export async function describedTopics(broker: RawBroker, topics: readonly string[]): Promise<readonly DescribedTopic[] | undefined> {
  return await metadata(broker, { topics, operations: YES });
}

/** The ids of those topics that the broker knows. Empty if it is too old to tell. */
export async function topicIdsBy(broker: RawBroker, topics: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const described = (await metadata(broker, { topics, operations: NO })) ?? [];
  return new Map(described.flatMap(({ topic, id, error }) => (error !== 0 || id === undefined ? [] : [[topic, id] as const])));
}

type Asked = { readonly topics: readonly string[]; readonly operations: number };

/** Metadata 10, the first version that tells ids (brokers since 2.8); kafkajs speaks 6 at most. */
async function metadata(broker: RawBroker, { topics, operations }: Asked): Promise<readonly DescribedTopic[] | undefined> {
  const named = topics.flatMap((topic) => [NO_ID, compact(topic), varint(0)]);
  // Tags, topics, no auto-creation, not the cluster's operations, perhaps the topics', tags.
  const payload = Buffer.concat([varint(0), varint(topics.length + 1), ...named, Buffer.from([NO, NO, operations]), varint(0)]);
  return await ask(broker, { apiKey: 3, apiVersion: 10, apiName: 'Metadata', payload, read: readTopics });
}

function readTopics(raw: Buffer): readonly DescribedTopic[] {
  const reader = createReader(raw);
  reader.tags();
  reader.pass(INT32); // throttle time
  reader.list(() => {
    reader.pass(INT32); // broker: node, host, port, rack
    reader.text();
    reader.pass(INT32);
    reader.text();
    reader.tags();
  });
  reader.text(); // cluster id
  reader.pass(INT32); // controller
  return reader.list(() => readTopic(reader)); // what follows is not read
}

function readTopic(reader: Reader): DescribedTopic {
  const error = reader.int16();
  const topic = reader.text() ?? '';
  const id = reader.bytes(NO_ID.length);
  reader.pass(INT8); // internal
  const partitions = reader.list(() => {
    reader.pass(INT16); // error: what it says of leader and replicas is seen there
    const [partition, leader] = [reader.int32(), reader.int32()];
    reader.pass(INT32); // leader epoch
    const [replicas, inSync] = [nodes(reader), nodes(reader)];
    nodes(reader); // offline
    reader.tags();
    return { partition, leader, replicas, inSync };
  });
  const operations = operationsIn(reader.int32());
  reader.tags();
  return { topic, error, partitions, ...defined({ id: id.equals(NO_ID) ? undefined : id.toString('base64url'), operations }) };
}

function nodes(reader: Reader): number {
  return reader.list(() => reader.pass(INT32)).length;
}

/** Numbers of AclOperation, of which each has a bit. */
export function operationsIn(bits: number): ReadonlySet<number> | undefined {
  if (bits === UNTOLD) return undefined;
  return new Set(Array.from({ length: 31 }, (_, bit) => bit).filter((bit) => (bits & (2 ** bit)) !== 0));
}

export type DescribedGroup = {
  readonly error: number;
  readonly state: string;
  readonly members: readonly { readonly host: string; readonly metadata: Buffer; readonly assignment: Buffer }[];
  readonly operations?: ReadonlySet<number>;
};

/** DescribeGroups 3, the last one before the compact encoding. */
export async function describedGroup(coordinator: RawBroker, groupId: string): Promise<DescribedGroup | undefined> {
  const name = Buffer.from(groupId, 'utf8');
  const payload = Buffer.concat([int32(1), int16(name.length), name, Buffer.from([YES])]);
  return await ask(coordinator, { apiKey: 15, apiVersion: 3, apiName: 'DescribeGroups', payload, read: readGroup });
}

function readGroup(raw: Buffer): DescribedGroup {
  const reader = createReader(raw);
  reader.pass(INT32 + INT32); // throttle time; one group
  const error = reader.int16();
  const text = (): string => reader.bytes(reader.int16()).toString('utf8');
  text(); // group id
  const state = text();
  text(); // protocol type
  text(); // protocol
  const members = Array.from({ length: Math.max(0, reader.int32()) }, () => {
    text(); // member id
    text(); // client id
    const host = text();
    const blob = (): Buffer => reader.bytes(Math.max(0, reader.int32()));
    return { host, metadata: blob(), assignment: blob() };
  });
  const operations = operationsIn(reader.int32());
  return { error, state, members, ...defined({ operations }) };
}

/**
 * What time it is by the active controller (DescribeQuorum 1): it says of itself that it has caught up now. Undefined without a
 * quorum of controllers (ZooKeeper, other makes), or if this user may not describe the cluster.
 */
export async function controllerTimeMs(broker: RawBroker): Promise<number | undefined> {
  const payload = Buffer.concat([
    varint(0),
    varint(2),
    compact('__cluster_metadata'),
    varint(2),
    int32(0),
    varint(0),
    varint(0),
    varint(0),
  ]);
  return await ask(broker, { apiKey: 55, apiVersion: 1, apiName: 'DescribeQuorum', payload, read: readQuorum });
}

function readQuorum(raw: Buffer): number | undefined {
  const reader = createReader(raw);
  reader.tags();
  if (reader.int16() !== 0) return undefined;
  const times = reader.list(() => {
    reader.text();
    const inTopic = reader.list(() => {
      reader.pass(INT32); // partition
      const failed = reader.int16() !== 0;
      const leader = reader.int32();
      reader.pass(INT32 + INT64); // epoch, high watermark
      const voters = reader.list(() => replicaState(reader));
      reader.list(() => replicaState(reader));
      reader.tags();
      return failed ? undefined : voters.find(({ id }) => id === leader)?.caughtUpAtMs;
    });
    reader.tags();
    return inTopic[0];
  });
  // -1: it is not told.
  return times[0] !== undefined && times[0] > 0 ? times[0] : undefined;
}

function replicaState(reader: Reader): { readonly id: number; readonly caughtUpAtMs: number } {
  const id = reader.int32();
  reader.pass(INT64 + INT64); // end of its log, last fetch
  const caughtUpAtMs = Number(reader.bytes(INT64).readBigInt64BE());
  reader.tags();
  return { id, caughtUpAtMs };
}
