/**
 * kafkajs 2.2.4 recovers from some failed fetches in silence: it tells them by no event, and rejoins so quickly after a topic was
 * deleted and created anew that nothing else shows it. Whoever reads on at the old position of such a topic skips records, so
 * those failures are told here.
 */
import kafkajs from 'kafkajs';
import { protocolTypeOf } from '../errors.ts';
import { createPatchListeners, prototypeOf } from './internals.ts';

export type FetchFailure =
  /** A broker did not know a topic or partition of the group: deleted, perhaps created anew already. */
  | { readonly kind: 'UNKNOWN_TOPIC'; readonly groupId: string }
  /** Our position lies outside the partition; kafkajs goes back to its beginning. */
  | { readonly kind: 'OUT_OF_RANGE'; readonly groupId: string; readonly topic: string; readonly partition: number };

const listeners = createPatchListeners<FetchFailure>(observe);

/** Tells `listener` of failed fetches of any consumer of this process. Returns the way to stop listening. */
export function onFetchFailure(listener: (failure: FetchFailure) => void): () => void {
  return listeners.add(listener);
}

function observe(): void {
  const prototype = prototypeOf('src/consumer/consumerGroup', ['recoverFromFetch']);
  const original = prototype.recoverFromFetch;
  prototype.recoverFromFetch = async function recover(this: { groupId: string }, error: unknown): Promise<void> {
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
  if (failure) listeners.tell(failure);
}

// kafkajs exports this class by a spread, which Node does not see as a name that a module could import.
function failureOf(groupId: string, error: unknown): FetchFailure | undefined {
  if (protocolTypeOf(error) === 'UNKNOWN_TOPIC_OR_PARTITION') return { kind: 'UNKNOWN_TOPIC', groupId };
  if (!(error instanceof kafkajs.KafkaJSOffsetOutOfRange)) return undefined;
  return { kind: 'OUT_OF_RANGE', groupId, topic: error.topic, partition: error.partition };
}
