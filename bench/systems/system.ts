export const SYSTEM_NAMES = ['ours', 'naive'] as const;
export type SystemName = (typeof SYSTEM_NAMES)[number];

/** The topics of one measured run: fresh ones each time, so no run reads another's records. */
export type RunTopics = { readonly request: string; readonly hint: string; readonly outcome: string; readonly deadLetter: string };

export type RunPlace = {
  /** Unique per measured run; names group, task queue and log files. */
  readonly runId: string;
  readonly kafkaBrokers: string;
  readonly temporalAddress: string;
  readonly vendorBaseUrl: string;
  readonly topics: RunTopics;
};

/** How to start a system and how to recognise its answers. */
export type System = {
  readonly name: SystemName;
  /** Compiled JavaScript and its arguments; both systems run built, neither through a loader. */
  readonly args: readonly string[];
  environment(place: RunPlace): Readonly<Record<string, string>>;
  /** The record value that asks for this token, and the key its outcome will carry. */
  request(token: string): { readonly value: string; readonly outcomeKey: string };
};
