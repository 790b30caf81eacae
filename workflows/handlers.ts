import { defineQuery, defineSignal, setHandler } from '@temporalio/workflow';
import { HINT_SIGNAL, STATE_QUERY, type VerificationView } from '../src/contracts/workflow.ts';
import { type Hint, HINT_KINDS } from '../src/domain/state.ts';

// The signal's payload is typed unknown: anybody with access to the UI can send anything.
const hintSignal = defineSignal<[unknown]>(HINT_SIGNAL);
const stateQuery = defineQuery<VerificationView>(STATE_QUERY);

export type Handlers = { onHint(hint: Hint): void; view(): VerificationView };

/** Registers the signal and the query with the descriptions that the Temporal UI and CLI show. */
export function installHandlers(handlers: Handlers): void {
  setHandler(
    hintSignal,
    (payload) => {
      const hint = hintOf(payload);
      if (hint !== undefined) {
        handlers.onHint(hint);
      }
    },
    {
      description:
        `The session is over: read soon instead of as planned. {"kind":${HINT_KINDS.map((kind) => `"${kind}"`).join('|')},"trusted":boolean}; ` +
        'only a trusted hint may use the last read early. With "recordedAt":"<RFC 3339>" the same hint again is ignored, as is anything else.',
    },
  );
  setHandler(stateQuery, () => handlers.view(), {
    description: 'Where this verification stands: reads that counted, next read, deadline, outcome.',
  });
}

/** Hints only advise, so a malformed one is dropped: throwing here would stop the workflow until it is deployed anew. */
function hintOf(payload: unknown): Hint | undefined {
  if (typeof payload !== 'object' || payload === null || !('kind' in payload)) {
    return undefined;
  }
  const kind = HINT_KINDS.find((one) => one === payload.kind);
  if (kind === undefined) {
    return undefined;
  }
  return { kind, trusted: 'trusted' in payload && payload.trusted === true, ...recordedAtOf(payload) };
}

/** A time that cannot be read is left out: the hint then counts whenever it comes. */
function recordedAtOf(payload: object): Pick<Hint, 'recordedAtMs'> {
  const recordedAtMs = 'recordedAt' in payload && typeof payload.recordedAt === 'string' ? Date.parse(payload.recordedAt) : Number.NaN;
  return Number.isNaN(recordedAtMs) ? {} : { recordedAtMs };
}
