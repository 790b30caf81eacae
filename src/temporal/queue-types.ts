/** `TaskQueueType` of the Temporal API. */
export const QUEUE_TYPES = { workflow: 1, activity: 2 } as const;
