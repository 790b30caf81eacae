import kafkajs, { type KafkaJSError } from 'kafkajs';
import { EXIT_CODES, ForeseenError } from '../contracts/errors.ts';
import { defined } from '../domain/defined.ts';
import { refusalText } from './refusals.ts';

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

/** The protocol's own name of an error (`UNKNOWN_TOPIC_OR_PARTITION`), looked for through all causes, and the first of several. */
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
  for (let one: unknown = error; one instanceof Error && causes.length < 8; one = one.cause ?? errorsOf(one)[0]) causes.push(one);
  return causes;
}

/** The error itself or what is behind it, if it tells somebody what to install or set. */
export function foreseenBehind(error: unknown): ForeseenError | undefined {
  return causesOf(error).find((one) => one instanceof ForeseenError);
}

/** Errors whose words are ours. */
function isOwn(error: Error): boolean {
  const ours = [GivenUpError, NotConnectedError, TokenUnavailableError, MissingPackageError];
  return ours.some((kind) => error instanceof kind);
}

const OF_CONNECTIONS = [
  kafkajs.KafkaJSConnectionError,
  kafkajs.KafkaJSRequestTimeoutError,
  kafkajs.KafkaJSBrokerNotFound,
  kafkajs.KafkaJSMetadataNotLoaded,
  kafkajs.KafkaJSLockTimeout,
  kafkajs.KafkaJSSASLAuthenticationError,
] as const;

/** No broker has said anything to what was asked: the way there, or the login, failed. */
export function isUnreached(error: unknown): boolean {
  return causesOf(error).some((one) => one instanceof ForeseenError || isOwn(one) || OF_CONNECTIONS.some((kind) => one instanceof kind));
}

/** kafkajs's `KafkaJSAggregateError`, which is no `KafkaJSError`, holds one for each topic that could not be made. */
function errorsOf(error: Error): readonly unknown[] {
  const errors: unknown = Reflect.get(error, 'errors');
  return Array.isArray(errors) ? errors : [];
}

/** Why a broker did not make a topic: the protocol's name, and what the broker said in words. */
export type TopicRefusal = { readonly topic: string; readonly type: string; readonly text?: string };

/** The refusals that hide in the error of kafkajs's `createTopics`; empty if it is another error. */
export function topicRefusalsOf(error: unknown): readonly TopicRefusal[] {
  if (!(error instanceof Error)) return [];
  return errorsOf(error).flatMap((one) => {
    if (!(one instanceof Error)) return [];
    const [topic, type, text]: unknown[] = ['topic', 'type', 'brokerText'].map((field): unknown => Reflect.get(one, field));
    if (typeof topic !== 'string' || typeof type !== 'string') return [];
    return [{ topic, type, ...defined({ text: typeof text === 'string' ? text : undefined }) }];
  });
}

const SESSION_REMEDY =
  'the brokers refuse VF_KAFKA_SESSION_TIMEOUT; it must lie between their group.min.session.timeout.ms (6s by default) and group.max.session.timeout.ms';

/** One line for logs: names the error and its remedy. kafkajs's messages hold addresses and names, no record content. */
export function describeKafkaError(error: unknown): string {
  const own = causesOf(error).find(isOwn);
  if (own !== undefined) return own.message;
  const refusals = topicRefusalsOf(error).map(({ topic, type, text }) => `${topic}: ${type}${text === undefined ? '' : `, ${text}`}`);
  if (refusals.length > 0) return refusals.join('; ');
  const code = textThroughCauses(error, 'code');
  if (!isKafkaError(error)) return code ?? (error instanceof Error && error.name !== 'Error' ? error.name : 'unknown error');
  if (protocolTypeOf(error) === 'INVALID_SESSION_TIMEOUT') return `${error.name}: ${SESSION_REMEDY}`;
  const refusal = refusalText({ code, message: error.message });
  if (refusal !== undefined) return refusal;
  // Of a host with two addresses Node.js gives no message, only the code.
  return `${error.name}: ${error.message.endsWith(': ') ? `${error.message}${code ?? 'unknown error'}` : error.message}`;
}
