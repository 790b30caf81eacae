import kafkajs, { type KafkaJSError } from 'kafkajs';
import { EXIT_CODES, ForeseenError } from '../contracts/errors.ts';
import { refusalText } from './refusals.ts';

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

/** No token to log in with: its issuer gave none. The message holds status and codes only. */
export class TokenUnavailableError extends Error {
  override readonly name = 'TokenUnavailableError';

  constructor(why: string, options?: { readonly cause: unknown }) {
    super(`no token for the brokers: ${why}`, options);
  }
}

/** A package that only some need is not installed. */
export class MissingPackageError extends ForeseenError {
  override readonly name = 'MissingPackageError';
  readonly exitCode = EXIT_CODES.configuration;

  constructor(what: string) {
    super(`VF_KAFKA_SASL_MECHANISM=aws-msk-iam needs the package ${what}, which is not installed: run \`npm install ${what}\``);
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
  return causesOf(error)
    .map((one): unknown => Reflect.get(one, field))
    .find((text) => typeof text === 'string');
}

/** The error and what it was made of, from the outside in. */
function causesOf(error: unknown): readonly Error[] {
  const causes: Error[] = [];
  for (let one: unknown = error; one instanceof Error && causes.length < 8; one = one.cause) causes.push(one);
  return causes;
}

/** The error itself or what is behind it, if it tells somebody what to install or set. */
export function foreseenBehind(error: unknown): ForeseenError | undefined {
  return causesOf(error).find((one) => one instanceof ForeseenError);
}

/** Errors whose words are ours. */
function isOwn(error: Error): boolean {
  const ours = [SessionEndedError, SendTimeoutError, NotConnectedError, TokenUnavailableError, MissingPackageError];
  return ours.some((kind) => error instanceof kind);
}

const UNREADABLE_CODEC = /^(\w+) compression not implemented/;

/** One line for logs: names the error and its remedy. kafkajs's messages hold addresses and names, no record content. */
export function describeKafkaError(error: unknown): string {
  const own = causesOf(error).find(isOwn);
  if (own !== undefined) return own.message;
  const code = textThroughCauses(error, 'code');
  if (!isKafkaError(error)) return code ?? (error instanceof Error && error.name !== 'Error' ? error.name : 'unknown error');
  const refusal = refusalText({ code, message: error.message });
  if (refusal !== undefined) return refusal;
  const codec = UNREADABLE_CODEC.exec(error.message)?.[1];
  if (codec !== undefined) {
    return `a record is compressed with ${codec}, which is not supported: let producers send uncompressed or gzip, or set the topic's compression.type to gzip`;
  }
  // Of a host with two addresses Node.js gives no message, only the code.
  return `${error.name}: ${error.message.endsWith(': ') ? `${error.message}${code ?? 'unknown error'}` : error.message}`;
}
