import kafkajs, { type PartitionAssigner } from 'kafkajs';

/**
 * kafkajs's own assigner, whose members also say who they are: whoever describes the group sees it (`userData` of the protocol,
 * which brokers and other members pass on unread). The name stays, so that members without it are of the same group.
 */
export function markedAssigner(mark: () => string = () => ''): PartitionAssigner {
  return (config) => {
    const assigner = kafkajs.PartitionAssigners.roundRobin(config);
    return {
      ...assigner,
      protocol({ topics }) {
        const userData = Buffer.from(mark(), 'utf8');
        return {
          name: assigner.name,
          metadata: kafkajs.AssignerProtocol.MemberMetadata.encode({ version: assigner.version, topics, userData }),
        };
      },
    };
  };
}
