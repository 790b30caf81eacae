/**
 * A broker that refuses to make a topic says why in words, e.g. which policy of the cluster forbids it. kafkajs 2.2.4 reads them
 * and throws them away: here they are left on its error.
 */
import { moduleOf, onlyOnce } from './internals.ts';

type Decoded = { readonly topicErrors: readonly { readonly topic: string; readonly errorMessage?: string | null }[] };

type Response = { parse: (decoded: Decoded) => Promise<unknown> };

/** Answers of version 0 hold no words. */
const VERSIONS = [1, 2, 3];

/** Makes errors of kafkajs's `createTopics` carry what the broker said, as `brokerText`. For the whole process. */
export const keepRefusalTexts = onlyOnce(() => {
  for (const version of VERSIONS) {
    const response = moduleOf<Response>(`src/protocol/requests/createTopics/v${version}/response`, ['parse']);
    const original = response.parse;
    response.parse = async function parse(decoded) {
      try {
        return await Reflect.apply(original, this, [decoded]);
      } catch (error) {
        leaveTexts(error, decoded);
        throw error;
      }
    };
  }
});

function leaveTexts(error: unknown, { topicErrors }: Decoded): void {
  const refusals: unknown = error instanceof Error ? Reflect.get(error, 'errors') : undefined;
  for (const refusal of Array.isArray(refusals) ? refusals : []) {
    const text = topicErrors.find(({ topic }) => topic === Reflect.get(refusal, 'topic'))?.errorMessage;
    if (typeof text === 'string') Reflect.set(refusal, 'brokerText', text);
  }
}
