import type { ProcessMark } from '../../contracts/process-mark.ts';
import type { GatePhase } from '../../domain/gate/gate.ts';
import type { ReadReport } from '../../domain/reading/report.ts';
import type { Made } from '../ports.ts';

/** How far another clock is ahead of ours, in ms: between these two, because asking takes time. */
export type ClockOffset = { readonly leastMs: number; readonly mostMs: number };

export type BrokerSeen =
  | { readonly answers: false; readonly why: string }
  | {
      readonly answers: true;
      readonly version: string;
      /** So old that topics have no ids. */
      readonly old: boolean;
      /** Requests of which the broker speaks no version that the client speaks. */
      readonly unspoken: readonly string[];
    };

export type PartitionSeen = { readonly partition: number; readonly hasLeader: boolean; readonly replicas: number; readonly inSync: number };

export type TopicSeen = {
  readonly topic: string;
  readonly exists: boolean;
  /** May this user describe it? One that may not cannot tell whether it is there. */
  readonly hidden: boolean;
  readonly partitions: readonly PartitionSeen[];
  /** Numbers of the protocol (AclOperation); undefined if the brokers do not tell. */
  readonly operations?: ReadonlySet<number>;
};

export type GroupSeen = {
  readonly state: string;
  readonly members: readonly { readonly host: string; readonly partitions: readonly string[]; readonly mark?: ProcessMark }[];
  readonly operations?: ReadonlySet<number>;
  /** The broker refuses to describe it. */
  readonly hidden: boolean;
};

/** Of one partition, at one instant. `committed` undefined: the group has no place in it yet. */
export type Progress = {
  readonly topic: string;
  readonly partition: number;
  readonly begin: number;
  readonly end: number;
  readonly committed?: number;
};

/** What is seen of Kafka. Rejects with `DependencyUnavailableError` or `CannotTell` (see `Look`). */
export type KafkaSight = {
  /** Asks this address, and no other broker. */
  broker(address: string): Promise<BrokerSeen>;
  /** What the cluster tells clients to connect to. */
  advertised(): Promise<readonly string[]>;
  topics(): Promise<readonly TopicSeen[]>;
  /** What `setup` warns of. */
  warnings(): Promise<readonly Made[]>;
  /** `retention.ms` of the request topic; undefined if unknown, Infinity if for ever. */
  requestRetentionMs(): Promise<number | undefined>;
  group(): Promise<GroupSeen>;
  progress(): Promise<readonly Progress[]>;
  /** Undefined if the brokers do not tell. */
  clock(): Promise<ClockOffset | undefined>;
};

export type QueueKind = 'workflow' | 'activity';

export type QueueSeen = {
  readonly name: string;
  readonly kind: QueueKind;
  readonly pollers: readonly { readonly identity: string; readonly lastSeenAtMs: number }[];
  readonly waiting: number;
  readonly oldestMs: number;
  /** Set by somebody; the server's own limits are no news. */
  readonly limit?: { readonly perSecond: number; readonly reason: string; readonly by: string };
};

export type WorkerSeen = {
  readonly identity: string;
  /** Of the code that it runs. */
  readonly build: string;
  readonly silentMs: number;
  readonly mark?: ProcessMark;
};

/** Its state, what that lets the queue beside its own let go a second (absent: everything), and for people since when and why. */
export type GateSeen = { readonly phase: GatePhase; readonly perSecond?: number; readonly since: string; readonly taskQueue: string };

export type TemporalSight = {
  server(): Promise<{ readonly address: string; readonly version: string; readonly tls: boolean }>;
  readonly namespace: string;
  /** Undefined: no such namespace. 0: for ever. */
  retentionMs(): Promise<number | undefined>;
  attributes(): Promise<readonly Made[]>;
  queues(): Promise<readonly QueueSeen[]>;
  /** Undefined if the server keeps no list. */
  workers(): Promise<readonly WorkerSeen[] | undefined>;
  /** The gate of the vendor account; undefined if there is none. */
  gate(): Promise<GateSeen | undefined>;
  clock(): Promise<ClockOffset>;
};

export type VendorSight = {
  /** Asks once, for a token that cannot exist. */
  ask(): Promise<{ readonly report: ReadReport; readonly clock?: ClockOffset }>;
};

/** One store of evidence after a probe. `trouble`: what went wrong, and behind a semicolon what to do. */
export type StoreSeen = { readonly setting: string; readonly trouble: string | undefined };
