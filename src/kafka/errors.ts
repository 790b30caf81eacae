import kafkajs, { type KafkaJSError } from 'kafkajs';
import { EXIT_CODES, ForeseenError } from '../contracts/errors.ts';

/** The topics a role needs do not exist. */
export class MissingTopicsError extends ForeseenError {
  override readonly name = 'MissingTopicsError';
  readonly exitCode = EXIT_CODES.unavailable;
  readonly topics: readonly string[];

  constructor(topics: readonly string[]) {
    super(`Kafka topic(s) missing: ${topics.join(', ')}. Create them with "verdictflow setup", or set VF_AUTO_SETUP=true.`);
    this.topics = topics;
  }
}

/** We end a kafkajs consumer that would not end by itself. */
export class SessionEndedError extends Error {
  override readonly name = 'SessionEndedError';
}

/** The send was not acknowledged in time; it may still reach the topic. */
export class SendTimeoutError extends Error {
  override readonly name = 'SendTimeoutError';
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

/** One line for logs: names the error and its remedy. kafkajs's messages hold addresses and names, no record content. */
export function describeKafkaError(error: unknown): string {
  if (error instanceof SessionEndedError || error instanceof SendTimeoutError || error instanceof NotConnectedError) return error.message;
  const code = textThroughCauses(error, 'code');
  if (!isKafkaError(error)) return code ?? (error instanceof Error && error.name !== 'Error' ? error.name : 'unknown error');
  // Of a host with two addresses Node.js gives no message, only the code.
  return `${error.name}: ${error.message.endsWith(': ') ? `${error.message}${code ?? 'unknown error'}` : error.message}`;
}
