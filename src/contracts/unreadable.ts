import { part } from './recorded.ts';

/**
 * Metadata of what stands in the place of a payload that a worker cannot decrypt. The workflow's converter refuses it by this
 * name, so that the workflow task fails and is repeated; an activity sees the value below.
 */
export const UNREADABLE_METADATA = 'verdictflow-unreadable';

/** What an activity is given instead of its order. */
export type UnreadableOrder = { readonly kind: 'UNREADABLE'; readonly why: string };

export function isUnreadableOrder(value: unknown): value is UnreadableOrder {
  return part(value, 'kind') === 'UNREADABLE' && typeof part(value, 'why') === 'string';
}

/** Why a payload is unreadable here, and the remedy. Key ids are not secret. */
export function whyUnreadable(keyId: string, { isKnown }: { readonly isKnown: boolean }): string {
  return isKnown
    ? `a payload does not open with key "${keyId}" of VF_PAYLOAD_KEYS: it was altered, or whoever wrote it has another key of this id`
    : `a payload is encrypted with key "${keyId}", which VF_PAYLOAD_KEYS does not hold: add it after the first key`;
}
