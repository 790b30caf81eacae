import type { GateActivities } from '../src/contracts/gate.ts';
import type { GateSink, ReadQueue } from './ports.ts';

export type GatePorts = { readonly queue: ReadQueue; readonly sink: GateSink };

/** The activities of the gate's workflow over their ports. Temporal repeats either until it succeeds. */
export function createGateActivities({ queue, sink }: GatePorts): GateActivities {
  return {
    limitReads: (order) => queue.limit(order),
    announceGate: (change) => sink.publish(change),
  };
}
