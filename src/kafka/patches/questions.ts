/**
 * Requests that kafkajs 2.2.4 does not speak, or speaks in a version too old to tell what is asked here: what a user may do
 * (KIP-430), and the time by the controller's clock (KIP-836). They read and change nothing.
 */
import { createReader, type RawBroker, type Reader, varint } from './topic-ids.ts';

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
  const encoded = { buf: payload, buffer: payload };
  return await broker.connectionPool.send({
    request: { apiKey, apiVersion, apiName, encode: () => Promise.resolve(encoded) },
    response: { decode: (raw: Buffer) => Promise.resolve(read(raw)), parse: (answer) => Promise.resolve(answer) },
  });
}

const NO_ID = Buffer.alloc(16);
const [INT8, INT32, INT64] = [1, 4, 8];
const [YES, NO] = [1, 0];
/** `INT32` minimum: the broker did not say. */
const UNTOLD = -2_147_483_648;

/** Codes of the protocol. */
export const TOPIC_AUTHORIZATION_FAILED = 29;
export const GROUP_AUTHORIZATION_FAILED = 30;

export type DescribedTopic = {
  readonly topic: string;
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

/** Metadata 10, with what this user may do. */
export async function describedTopics(broker: RawBroker, topics: readonly string[]): Promise<readonly DescribedTopic[] | undefined> {
  const named = topics.flatMap((topic) => [NO_ID, compact(topic), varint(0)]);
  // Tags, topics, no auto-creation, not the cluster's operations, but the topics', tags.
  const payload = Buffer.concat([varint(0), varint(topics.length + 1), ...named, Buffer.from([NO, NO, YES]), varint(0)]);
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
  return reader.list(() => readTopic(reader));
}

function readTopic(reader: Reader): DescribedTopic {
  const error = reader.int16();
  const topic = reader.text() ?? '';
  reader.pass(NO_ID.length + INT8); // id, internal
  const partitions = reader.list(() => {
    reader.int16(); // error: what it says of leader and replicas is seen there
    const [partition, leader] = [reader.int32(), reader.int32()];
    reader.pass(INT32); // leader epoch
    const [replicas, inSync] = [nodes(reader), nodes(reader)];
    nodes(reader); // offline
    reader.tags();
    return { partition, leader, replicas, inSync };
  });
  const operations = operationsIn(reader.int32());
  reader.tags();
  return { topic, error, partitions, ...(operations === undefined ? {} : { operations }) };
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
  return { error, state, members, ...(operations === undefined ? {} : { operations }) };
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

function compact(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  return Buffer.concat([varint(bytes.length + 1), bytes]);
}

function int32(value: number): Buffer {
  const buffer = Buffer.alloc(INT32);
  buffer.writeInt32BE(value);
  return buffer;
}

function int16(value: number): Buffer {
  return int32(value).subarray(2);
}
