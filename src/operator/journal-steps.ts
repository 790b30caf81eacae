import { z } from 'zod';
import type { Mandate } from '../contracts/mandate.ts';
import { UsageError } from './errors.ts';
import type { JournalFile } from './replay/ports.ts';

/** Who ordered it and why, in the first step of a journal. */
export const mandateFields = { operator: z.string(), reason: z.string(), ticket: z.string().exactOptional() };

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

type Said = {
  /** Options that say what is in the plan already. */
  readonly unheeded: readonly string[];
  readonly mandate: Partial<Mandate>;
};

/** Throws `UsageError` if a command says what the journal that it goes on with would not heed. */
export function assertHeeded({ unheeded, mandate }: Said, ordered: Mandate): void {
  if (unheeded.length > 0) throw new UsageError(`--journal: it has its own plan; leave ${unheeded.join(', ')} away, or name a new file`);
  const keys = ['operator', 'reason', 'ticket'] as const;
  const others = keys.filter((key) => mandate[key] !== undefined && mandate[key] !== ordered[key]).map((key) => `--${key}`);
  if (others.length > 0)
    throw new UsageError(`--journal: it was ordered with another ${others.join(', ')}; leave it away, or name a new file`);
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
