import { prototypeOf } from './internals.ts';
import { protocolTypeOf } from './kafka-errors.ts';

export type FetchFailure =
  /** A broker did not know a topic or partition of the group: deleted, perhaps created anew already. */
  | { readonly kind: 'UNKNOWN_TOPIC'; readonly groupId: string }
  /** Our position lies outside the partition; kafkajs goes back to its beginning. */
  | { readonly kind: 'OUT_OF_RANGE'; readonly groupId: string; readonly topic: string; readonly partition: number };

type Listener = (failure: FetchFailure) => void;

const listeners = new Set<Listener>();
let applied = false;

/**
 * Reports failed fetches that kafkajs recovers from in silence: it tells neither by an event, and rejoins so quickly after a
 * topic was deleted and created anew that nothing else shows it. Returns the way to stop listening.
 */
export function onFetchFailure(listener: Listener): () => void {
  observe();
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function observe(): void {
  if (applied) return;
  applied = true;
  const prototype = prototypeOf('src/consumer/consumerGroup', ['recoverFromFetch']);
  const original = prototype['recoverFromFetch'];
  if (typeof original !== 'function') return;
  prototype['recoverFromFetch'] = async function recover(this: { groupId: string }, error: unknown): Promise<void> {
    report(this.groupId, error);
    try {
      await Reflect.apply(original, this, [error]);
    } catch (followUp) {
      report(this.groupId, followUp);
      throw followUp;
    }
  };
}

function report(groupId: string, error: unknown): void {
  const failure = failureOf(groupId, error);
  if (failure) for (const listener of listeners) listener(failure);
}

function failureOf(groupId: string, error: unknown): FetchFailure | undefined {
  if (protocolTypeOf(error) === 'UNKNOWN_TOPIC_OR_PARTITION') return { kind: 'UNKNOWN_TOPIC', groupId };
  if (!(error instanceof Error) || error.name !== 'KafkaJSOffsetOutOfRange') return undefined;
  return { kind: 'OUT_OF_RANGE', groupId, topic: String(Reflect.get(error, 'topic')), partition: Number(Reflect.get(error, 'partition')) };
}
