import type { z } from 'zod';
import type { JournalFile } from './replay/ports.ts';

/** What a command writes down before it takes the next step, one JSON document a line. */
export type JournalSteps<S> = {
  /** Empties the journal. Throws `UsageError` if it is somebody else's file. */
  forget(file: JournalFile): Promise<void>;
  /** A plan is written quickly and made durable once, at its end; every other step is durable when this resolves. */
  append(file: JournalFile, next: S): Promise<void>;
  /** From the beginning. Undefined for a line that a crash cut off: its step was not confirmed to anybody. */
  read(file: JournalFile): AsyncIterable<S | undefined>;
};

/** The steps of one command; `begins` is the kind of the first one, by which a file is known to be its journal. */
export function journalSteps<S extends { readonly kind: string }>({
  step,
  begins,
}: {
  readonly step: z.ZodType<S>;
  readonly begins: S['kind'];
}): JournalSteps<S> {
  return {
    forget: async (file) => {
      // `JSON.stringify` keeps the order of keys.
      await file.clear(`{"kind":"${begins}"`);
    },
    append: async (file, next) => {
      await file.append(JSON.stringify(next), { durable: next.kind !== 'PLANNED' });
    },
    async *read(file) {
      for await (const text of file.lines()) yield parsed(step, text);
    },
  };
}

function parsed<S>(step: z.ZodType<S>, text: string): S | undefined {
  try {
    const found = step.safeParse(JSON.parse(text));
    return found.success ? found.data : undefined;
  } catch {
    // Only a line that was being written when the process died is no JSON.
    return undefined;
  }
}
