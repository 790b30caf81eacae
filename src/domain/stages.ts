/** Stages a verification goes through, as data: the diagram in the documentation is generated from this table. */
export const STAGE_TRANSITIONS = [
  { from: 'ADMITTED', to: 'WAITING', trigger: 'no read is due yet' },
  { from: 'ADMITTED', to: 'READING', trigger: 'a read is due at once' },
  { from: 'ADMITTED', to: 'DECIDED', trigger: 'the window has passed already' },
  { from: 'WAITING', to: 'READING', trigger: 'planned time, or a hint' },
  { from: 'WAITING', to: 'DECIDED', trigger: 'the window ends, or an operator cancels' },
  { from: 'READING', to: 'DECIDED', trigger: 'the answer settles it, or no slot is left' },
  { from: 'READING', to: 'WAITING', trigger: 'pending, failed or given back' },
] as const;
