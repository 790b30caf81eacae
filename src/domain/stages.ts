/**
 * How a verification goes from one stage to another. A property (`test/properties/stages.test.ts`) compares this table with
 * what `decide` brings about in random lives; the diagram in the documentation is generated from it.
 */
export const STAGE_TRANSITIONS = [
  { from: 'ADMITTED', to: 'WAITING', trigger: 'no read is due yet' },
  { from: 'ADMITTED', to: 'READING', trigger: 'a read is due at once' },
  { from: 'ADMITTED', to: 'DECIDED', trigger: 'the window has passed already' },
  { from: 'WAITING', to: 'READING', trigger: 'planned time, a hint, or the end of a pause' },
  { from: 'WAITING', to: 'DECIDED', trigger: 'the window ends, an operator cancels, or a stopped emission is sent again' },
  { from: 'READING', to: 'WAITING', trigger: 'pending, failed or given back' },
  { from: 'READING', to: 'DECIDED', trigger: 'the answer settles it, or no slot is left' },
  { from: 'DECIDED', to: 'WAITING', trigger: 'other runs have read and the question is open again, or the emission was stopped' },
  { from: 'DECIDED', to: 'READING', trigger: 'other runs have read, the question is open again, and a read is due' },
] as const;
