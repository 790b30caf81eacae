/**
 * Brokers since 2.8 give each topic an id (KIP-516), but the requests that kafkajs 2.2.4 speaks do not carry it. So one Metadata
 * request of version 10 is written and read here, over kafkajs's own connection.
 */
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

const METADATA_KEY = 3;
/** The first version that tells topic ids (KIP-516, brokers since 2.8). kafkajs 2.2.4 speaks 6 at most. */
const VERSION = 10;
const NO_ID = Buffer.alloc(16);
const [INT8, INT16, INT32] = [1, 2, 4];

/**
 * The ids of those topics that the broker knows, as `kafka-topics.sh --describe` prints them: a topic that is deleted and
 * created anew has another. Empty if the broker is too old to tell. Rejects with kafkajs's errors.
 */
export async function topicIdsBy(broker: RawBroker, topics: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const spoken = broker.versions?.[METADATA_KEY];
  if (spoken === undefined || spoken.minVersion > VERSION || spoken.maxVersion < VERSION) return new Map();
  const payload = encodeRequest(topics);
  return await broker.connectionPool.send({
    request: { apiKey: METADATA_KEY, apiVersion: VERSION, apiName: 'Metadata', encode: () => Promise.resolve(payload) },
    response: { decode: (raw: Buffer) => Promise.resolve(decodeIds(raw)), parse: (ids) => Promise.resolve(ids) },
  });
}

/** Metadata request 10, after the client id: tags, topics as (id, name, tags), three switches, tags. In the shape of kafkajs's encoder. */
function encodeRequest(topics: readonly string[]): { buf: Buffer; buffer: Buffer } {
  const parts = topics.flatMap((topic) => {
    const name = Buffer.from(topic, 'utf8');
    return [NO_ID, varint(name.length + 1), name, varint(0)];
  });
  const buffer = Buffer.concat([varint(0), varint(topics.length + 1), ...parts, Buffer.from([0, 0, 0]), varint(0)]);
  return { buf: buffer, buffer };
}

export function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
}

/** Metadata response 10; what follows the topics is not read. */
function decodeIds(raw: Buffer): Map<string, string> {
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
  return new Map(reader.list(() => topicOf(reader)).flatMap((one) => (one === undefined ? [] : [one])));
}

function topicOf(reader: Reader): [topic: string, id: string] | undefined {
  const error = reader.int16();
  const name = reader.text();
  const id = reader.bytes(16);
  reader.pass(INT8); // internal
  reader.list(() => {
    reader.pass(INT16 + 3 * INT32); // error, partition, leader, its epoch
    replicas(reader); // all
    replicas(reader); // in sync
    replicas(reader); // offline
    reader.tags();
  });
  reader.pass(INT32); // authorized operations
  reader.tags();
  return error !== 0 || name === undefined || id.equals(NO_ID) ? undefined : [name, id.toString('base64url')];
}

function replicas(reader: Reader): void {
  reader.list(() => reader.pass(INT32));
}

/** Reads the compact encoding of Kafka's newer requests (KIP-482) in order. Throws a RangeError past the end. */
export type Reader = {
  int16(): number;
  int32(): number;
  bytes(length: number): Buffer;
  /** Leaves what nobody here asks for. */
  pass(length: number): void;
  /** Undefined for null. */
  text(): string | undefined;
  list<T>(one: () => T): T[];
  /** Leaves tagged fields. */
  tags(): void;
};

export function createReader(buffer: Buffer): Reader {
  let at = 0;
  const bytes = (length: number): Buffer => {
    if (length < 0 || at + length > buffer.length) throw new RangeError(`a Kafka response ends before byte ${at + length}`);
    at += length;
    return buffer.subarray(at - length, at);
  };
  const varint = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes(1).readUInt8();
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  return {
    int16: () => bytes(2).readInt16BE(),
    int32: () => bytes(4).readInt32BE(),
    bytes,
    pass: (length) => void bytes(length),
    text() {
      const length = varint();
      return length === 0 ? undefined : bytes(length - 1).toString('utf8');
    },
    list: (one) => Array.from({ length: Math.max(0, varint() - 1) }, () => one()),
    tags() {
      for (let left = varint(); left > 0; left -= 1) {
        varint();
        bytes(varint());
      }
    },
  };
}
