import { activityInfo } from '@temporalio/activity';
import { HeldBackError } from '../src/async/breaker.ts';
import { LATE, withTimeout } from '../src/async/timeout.ts';
import { DependencyUnavailableError } from '../src/contracts/errors.ts';
import type { EmitOutcomeOrder, Emitted, Postponed } from '../src/contracts/workflow.ts';
import { type EmitOutcomePorts, publishHeld } from './emit-outcome.ts';
import { isHome } from './quota-guard.ts';

/** A workflow task waits for no longer than this; Kafka acknowledges within some ms, or it is in trouble. */
const ACKNOWLEDGED_WITHIN_MS = 1_000;

/**
 * The emission out of the workflow task that decides (a local activity): the home run's alone, and only while Kafka answers at
 * once. It is postponed otherwise, and never waits. While one that came too late is still under way, none is begun.
 *
 * Temporal may repeat it (a crash, a hint or cancellation that came meanwhile): the outcome is then the same, byte for byte (ADR 0018).
 * @throws what Kafka refuses for good; the ordinary activity meets and repeats it as well.
 */
export function createEmitAtOnce(ports: EmitOutcomePorts): (order: EmitOutcomeOrder) => Promise<Emitted | Postponed> {
  let late = 0;
  return async (order) => {
    const { workflowExecution: run } = activityInfo();
    if (run === undefined || !isHome(run, { ...order, verificationId: order.event.verificationId })) return postponed('AWAY');
    if (ports.breaker.isOpen()) return postponed('KAFKA_AWAY');
    if (late > 0) return postponed('KAFKA_SLOW');
    const sending = publishHeld(ports, order);
    try {
      const receipt = await withTimeout(sending, ACKNOWLEDGED_WITHIN_MS);
      if (receipt !== LATE) return receipt;
    } catch (error) {
      // Held back although it answers: it has as many to take as may wait for it.
      if (error instanceof HeldBackError) return postponed(ports.breaker.isOpen() ? 'KAFKA_AWAY' : 'KAFKA_SLOW');
      if (error instanceof DependencyUnavailableError) return postponed('KAFKA_AWAY');
      throw error;
    }
    late += 1;
    const over = (): void => {
      late -= 1;
    };
    // What became of it the sink tells; the ordinary activity sends the same in any case.
    sending.then(over, over);
    return postponed('KAFKA_SLOW');
  };
}

function postponed(why: Postponed['why']): Postponed {
  return { kind: 'POSTPONED', why };
}
