import { type ICustomPartitioner, type Message, Partitioners } from 'kafkajs';

/**
 * kafkajs's Java-compatible partitioner, remembering its choices: from them follows each record's offset, and a retry
 * must not move a keyless record that a broker may have written already to another partition.
 */
export type PartitionChoice = { readonly createPartitioner: ICustomPartitioner; partitionOf(message: Message): number | undefined };

export function createPartitionChoice(): PartitionChoice {
  const chosen = new WeakMap<Message, number>();
  return {
    createPartitioner: () => {
      const partitioner = Partitioners.DefaultPartitioner();
      return (args) => {
        const partition = chosen.get(args.message) ?? partitioner(args);
        chosen.set(args.message, partition);
        return partition;
      };
    },
    partitionOf: (message) => chosen.get(message),
  };
}
