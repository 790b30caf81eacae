import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceProcess } from '../../support/process.ts';
import { until } from '../../support/until.ts';
import { pickOf } from './random.ts';

export type Role = 'worker' | 'ingress';
export type Launch = (role: Role) => ServiceProcess;

type Member = { readonly role: Role; process: ServiceProcess; busy: boolean };

/** The service's processes under a supervisor that starts again whatever ended. */
export type Fleet = {
  /** kill -9 of one process, of `role` if that is given; it comes back after a moment. */
  kill(pick: number, role?: Role): Promise<void>;
  /** SIGSTOP, later SIGCONT: a process that others take for dead and that does not know it. */
  freeze(pick: number, forMs: number): Promise<void>;
  /** Runs `work` while no process of the role runs, and none of it is hurt. */
  without(role: Role, work: () => Promise<void>): Promise<void>;
  /** Every process runs and is ready, the frozen ones thawed. */
  heal(): Promise<void>;
  kills(): number;
  /** The last words of processes that ended without being killed. */
  ownEnds(): readonly string[];
  close(): Promise<void>;
};

const SUPERVISE_EVERY_MS = 300;

export async function startFleet(launch: Launch, roles: readonly Role[]): Promise<Fleet> {
  // One after the other: on a small machine a crowd of starting processes starves the others.
  const members: Member[] = [];
  for (const role of roles) {
    const process = launch(role);
    await process.ready(120_000);
    members.push({ role, process, busy: false });
  }
  const spared = new Set<Role>();
  const ownEnds: string[] = [];
  let kills = 0;

  function start(member: Member): void {
    member.process = launch(member.role);
  }

  async function end(member: Member): Promise<void> {
    member.process.kill('SIGKILL');
    await member.process.exit();
    kills += 1;
  }

  const supervisor = setInterval(() => {
    for (const member of members.filter(({ busy, process }) => !busy && process.ended())) {
      ownEnds.push(`${member.role}: ${member.process.output().slice(-4_000)}`);
      start(member);
    }
  }, SUPERVISE_EVERY_MS);

  /** Nothing else touches a member while it is busy. */
  async function taking(member: Member | undefined, work: (member: Member) => Promise<void>): Promise<void> {
    if (member === undefined) return;
    member.busy = true;
    await work(member).finally(() => {
      member.busy = false;
    });
  }

  const target = (pick: number, wanted?: Role): Member | undefined =>
    pickOf(
      members.filter(({ busy, role }) => !busy && !spared.has(role) && (wanted ?? role) === role),
      pick,
    );

  /** Runs `work` while nobody hurts the role. */
  async function sparing(role: Role, work: () => Promise<void>): Promise<void> {
    await until(() => !spared.has(role) && members.every((member) => member.role !== role || !member.busy), {
      timeoutMs: 120_000,
      what: `no other fault concerns ${role}`,
    });
    spared.add(role);
    await work().finally(() => spared.delete(role));
  }

  return {
    kill: (pick, role) =>
      taking(target(pick, role), async (member) => {
        await end(member);
        await sleep(pick * 1_500);
        start(member);
      }),
    freeze: (pick, forMs) =>
      taking(target(pick), async (member) => {
        member.process.kill('SIGSTOP');
        await sleep(forMs);
        member.process.kill('SIGCONT');
      }),
    without: (role, work) =>
      sparing(role, async () => {
        const mine = members.filter((member) => member.role === role);
        for (const member of mine) member.busy = true;
        await Promise.all(mine.map(end));
        await work().finally(() => {
          for (const member of mine) {
            start(member);
            member.busy = false;
          }
        });
        await Promise.all(mine.map(({ process }) => process.ready(120_000)));
      }),
    heal: async () => {
      await until(() => members.every(({ busy, process }) => !busy && !process.ended() && process.isReady()), {
        timeoutMs: 180_000,
        everyMs: 200,
        what: 'every process of the service is ready again',
      });
    },
    kills: () => kills,
    ownEnds: () => ownEnds,
    close: async () => {
      clearInterval(supervisor);
      for (const { process } of members) process.kill('SIGKILL');
      await Promise.all(members.map(({ process }) => process.exit()));
    },
  };
}
