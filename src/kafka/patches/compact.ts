/**
 * kafkajs 2.2.4 neither writes nor reads the compact encoding of Kafka's newer requests (KIP-482): the part of `questions.ts` that
 * knows the bytes.
 */

export const [INT8, INT16, INT32, INT64] = [1, 2, 4, 8];

/** A length, number or count of the compact encoding (KIP-482). */
export function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
}

export function compact(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  return Buffer.concat([varint(bytes.length + 1), bytes]);
}

export function int32(value: number): Buffer {
  const buffer = Buffer.alloc(INT32);
  buffer.writeInt32BE(value);
  return buffer;
}

export function int16(value: number): Buffer {
  return int32(value).subarray(INT16);
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
