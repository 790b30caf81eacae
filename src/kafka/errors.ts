import kafkajs, { type KafkaJSError } from 'kafkajs';

/** We no longer wait for kafkajs, which would go on: a consumer is to end, or what a send came to is not known in time. */
export class GivenUpError extends Error {
  override readonly name = 'GivenUpError';
}

/** No producer could be connected: nothing was sent. */
export class NotConnectedError extends Error {
  override readonly name = 'NotConnectedError';
}

export function isKafkaError(error: unknown): error is KafkaJSError {
  // Node finds only some of this CommonJS package's names: the error classes must be taken from the whole.
  return error instanceof kafkajs.KafkaJSError;
}

/** The protocol's own name of an error (`UNKNOWN_TOPIC_OR_PARTITION`), looked for through all causes. */
export function protocolTypeOf(error: unknown): string | undefined {
  return textThroughCauses(error, 'type');
}

function textThroughCauses(error: unknown, field: 'type' | 'code'): string | undefined {
  for (let one: unknown = error, depth = 0; one instanceof Error && depth < 8; one = one.cause, depth += 1) {
    const text: unknown = Reflect.get(one, field);
    if (typeof text === 'string') return text;
  }
  return undefined;
}

const UNREADABLE_CODEC = /^(\w+) compression not implemented/;

/** One line for logs: names the error and its remedy. kafkajs's messages hold addresses and names, no record content. */
export function describeKafkaError(error: unknown): string {
  if (error instanceof GivenUpError || error instanceof NotConnectedError) return error.message;
  const code = textThroughCauses(error, 'code');
  if (!isKafkaError(error)) return code ?? (error instanceof Error && error.name !== 'Error' ? error.name : 'unknown error');
  const codec = UNREADABLE_CODEC.exec(error.message)?.[1];
  if (codec !== undefined) {
    return `a record is compressed with ${codec}, which is not supported: let producers send uncompressed or gzip, or set the topic's compression.type to gzip`;
  }
  // Of a host with two addresses Node.js gives no message, only the code.
  return `${error.name}: ${error.message.endsWith(': ') ? `${error.message}${code ?? 'unknown error'}` : error.message}`;
}
