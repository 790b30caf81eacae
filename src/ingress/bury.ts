import { RecordRefusedError } from '../contracts/errors.ts';
import type { Burial } from './classify.ts';
import { deadLetterOf, type Failure, stubOf } from './dead-letter.ts';
import { positionOf } from './events.ts';
import { persevere, type PersevereDeps } from './persevere.ts';
import type { DeadLetterSink, InboundRecord } from './ports.ts';

export type BuryDeps = PersevereDeps & {
  readonly settings: { readonly groupId: string };
  readonly deadLetters: DeadLetterSink;
  readonly signal: AbortSignal;
  readonly burial: Burial;
  readonly attempts: number;
};

/** Waits for the dead-letter topic however long it takes: a record is never dropped. */
export async function bury(record: InboundRecord, deps: BuryDeps): Promise<void> {
  const { burial, attempts, settings, clock, events } = deps;
  const failure: Failure = { burial, groupId: settings.groupId, nowMs: clock.now(), attempts };
  const at = positionOf(record);
  const refused = await persevere(async () => await publish(record, { deadLetters: deps.deadLetters, failure }), { ...deps, at });
  if (refused) events.deadLetterCut({ ...at, valueBytes: record.value?.length ?? 0, refusal: refused.message });
  events.deadLettered({ ...at, reason: burial.reason, stage: burial.stage, message: burial.message });
}

/** @returns why the topic does not take the record as it is, if only a stub was written: waiting would hold up all behind it. */
async function publish(
  record: InboundRecord,
  { deadLetters, failure }: { readonly deadLetters: DeadLetterSink; readonly failure: Failure },
): Promise<RecordRefusedError | undefined> {
  try {
    await deadLetters.publish(deadLetterOf(record, failure));
    return undefined;
  } catch (error) {
    if (!(error instanceof RecordRefusedError)) throw error;
    await deadLetters.publish(stubOf(record, failure));
    return error;
  }
}
