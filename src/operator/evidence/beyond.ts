/** Where something of a verification stays although its evidence is erased, for how long, and what removes it there. */
export type Beyond = { readonly where: string; readonly what: string; readonly command: string };

export type BeyondSettings = {
  readonly topics: { readonly requests: string; readonly outcomes: string; readonly deadLetters: string };
  /** The outcomes are taken back with it. */
  readonly tombstones: boolean;
};

/** What an erasure cannot reach. `<id>` stands for the verification id in the commands. */
export function beyondErasure({ topics, tombstones }: BeyondSettings): readonly Beyond[] {
  const { requests, outcomes, deadLetters } = topics;
  const retention = (topic: string): string =>
    `kafka-configs.sh --alter --entity-type topics --entity-name ${topic} --add-config retention.ms=…`;
  return [
    {
      where: `topics ${requests} and ${deadLetters}`,
      what: 'the request as its producer wrote it, with the token, until their retention ends',
      command: retention(requests),
    },
    {
      where: `topic ${outcomes}`,
      what: tombstones
        ? 'the outcome, with scores: until it is compacted; if it is not compacted, until its retention ends'
        : 'the outcome, with scores, until its retention ends; VF_ERASE_TOMBSTONE=true takes it back from a compacted one',
      command: retention(outcomes),
    },
    {
      where: 'Temporal',
      what:
        'histories with scores, verdict and sealed token, until the retention of the namespace ends. Deleting them also deletes what was ' +
        'read: do it only once the window and the retention of those topics are over, or the same request reads, or tells an outcome, again',
      command: `temporal workflow delete --query "WorkflowId STARTS_WITH 'fv-<id>'" --reason … --yes`,
    },
    {
      where: 'sealed tokens in histories and their backups',
      what: 'readable while their key is in VF_TOKEN_KEYS: once it is taken out and destroyed everywhere, none of them can be opened, for ever',
      command: 'take the key out of VF_TOKEN_KEYS once nothing runs that it sealed',
    },
    {
      where: 'consumers, backups, files of "evidence get"',
      what: 'whatever was copied',
      command: 'theirs; the audit topic tells what was erased',
    },
  ];
}
