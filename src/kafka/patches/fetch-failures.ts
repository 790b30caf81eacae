/**
 * kafkajs 2.2.4 recovers from some failed fetches in silence: it tells them by no event, and rejoins so quickly after a topic was
 * deleted and created anew that nothing else shows it. Whoever reads on at the old position of such a topic skips records, so
 * that failure is told here.
 */
import { protocolTypeOf } from '../errors.ts';
import { createPatchListeners, prototypeOf } from './internals.ts';

/** A broker did not know a topic or partition of the group: deleted, perhaps created anew already. */
export type UnknownTopic = { readonly groupId: string };

type Group = { recoverFromFetch: (this: { readonly groupId: string }, error: unknown) => Promise<void> };

const listeners = createPatchListeners<UnknownTopic>(observe);

/** Tells `listener` of topics that a broker did not know, of any consumer of this process. Returns the way to stop listening. */
export function onUnknownTopic(listener: (failure: UnknownTopic) => void): () => void {
  return listeners.add(listener);
}

function observe(): void {
  const prototype = prototypeOf<Group>('src/consumer/consumerGroup', ['recoverFromFetch']);
  const original = prototype.recoverFromFetch;
  prototype.recoverFromFetch = async function recover(error) {
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
  if (protocolTypeOf(error) === 'UNKNOWN_TOPIC_OR_PARTITION') listeners.tell({ groupId });
}
