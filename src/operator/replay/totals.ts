import { type PlanLine, REPLAY_ACTIONS, type ReplayAction } from './plan-line.ts';

export type PlanTotals = {
  readonly verifications: number;
  readonly actions: Readonly<Record<ReplayAction, number>>;
  /** Refused because something is wrong with them, or with verdictflow. */
  readonly unreadable: number;
  /** Vendor reads that would be spent at most. */
  readonly readsAtMost: number;
};

export const NO_TOTALS: PlanTotals = {
  verifications: 0,
  actions: { RE_EMIT: 0, RE_DECIDE: 0, READ: 0, REFUSE: 0 },
  unreadable: 0,
  readsAtMost: 0,
};

export function addLine({ verifications, actions, unreadable, readsAtMost }: PlanTotals, line: PlanLine): PlanTotals {
  return {
    verifications: verifications + 1,
    actions: { ...actions, [line.action]: actions[line.action] + 1 },
    unreadable: unreadable + Number(line.code === 'UNREADABLE'),
    readsAtMost: readsAtMost + (line.reads?.atMost ?? 0),
  };
}

/** Lines that `replay run` would start. */
export function toStart({ verifications, actions }: PlanTotals): number {
  return verifications - actions.REFUSE;
}

export function totalsText(totals: PlanTotals): string {
  const parts = REPLAY_ACTIONS.map((action) => `${totals.actions[action]} ${action}`);
  const unreadable = totals.unreadable === 0 ? '' : `; ${totals.unreadable} cannot be read`;
  return `${totals.verifications} verifications: ${parts.join(', ')}; at most ${totals.readsAtMost} vendor reads${unreadable}`;
}
