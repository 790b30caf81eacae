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
  return [
    {
      where: `topics ${requests} and ${deadLetters}`,
      what: 'the request as the producer wrote it, with the token, until the retention of the topic ends',
      command: `kafka-configs --alter --topic ${requests} --add-config retention.ms=…`,
    },
    {
      where: `topic ${outcomes}`,
      what: tombstones
        ? 'the outcome, with scores: gone after the compaction, or until the retention ends if the topic is not compacted'
        : 'the outcome, with scores, until the retention of the topic ends; VF_ERASE_TOMBSTONE=true takes it back from a compacted one',
      command: `kafka-configs --alter --topic ${outcomes} --add-config retention.ms=…`,
    },
    {
      where: 'Temporal',
      what:
        'the history: scores, verdict and sealed token, until the retention of the namespace ends. ' +
        'Deleting it makes the service forget its reads: only after window and retention of the request topic, or a repeated request could read again',
      command: 'temporal workflow delete --workflow-id fv-<id>',
    },
    {
      where: 'sealed tokens of all histories and their backups',
      what: 'readable as long as their key is: taken out of VF_TOKEN_KEYS everywhere, none of them can be opened again, for ever',
      command: 'VF_TOKEN_KEYS, once no verification that was sealed with it still runs',
    },
    {
      where: 'consumers, backups, logs of others',
      what: 'whatever they copied; the audit record of the erasure is what they can act upon',
      command: 'theirs',
    },
  ];
}
