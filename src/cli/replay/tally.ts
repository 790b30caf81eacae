import type { Finish } from './journal.ts';

/** What became of the lines of a journal so far, in all attempts together. `unaudited` are started as well. */
export type Tally = { readonly started: number; readonly skipped: number; readonly unaudited: number };

export function tallyOf(finished: Iterable<Finish>): Tally {
  let tally: Tally = { started: 0, skipped: 0, unaudited: 0 };
  for (const finish of finished) tally = counted(tally, finish);
  return tally;
}

export function counted({ started, skipped, unaudited }: Tally, finish: Finish): Tally {
  return {
    started: started + Number(finish !== 'SKIPPED'),
    skipped: skipped + Number(finish === 'SKIPPED'),
    unaudited: unaudited + Number(finish === 'UNAUDITED'),
  };
}

/** True if everything that was planned was started and is on record. */
export function isClean({ skipped, unaudited }: Tally): boolean {
  return skipped === 0 && unaudited === 0;
}

export function tallyText({ started, skipped, unaudited }: Tally): string {
  return `${started} started, ${skipped} skipped${unaudited === 0 ? '' : `, ${unaudited} of the started not audited`}`;
}
