import type { Server } from 'node:http';
import type { OutageMode } from './vendor.ts';

/** Switches the vendor off in the ways a vendor goes down. Not remembered over a restart. */
export type OutageSwitch = {
  mode(): OutageMode;
  /** Ends by itself after `forMs`. Throws RangeError for `refuse` if nothing could end it. */
  set(mode: OutageMode, forMs?: number): Promise<void>;
  /** Forgets timers; for shutdown. */
  stop(): void;
};

const RELISTEN_EVERY_MS = 50;

/**
 * `refuse` really closes the port, so that connecting fails before a byte leaves the client; every other mode keeps
 * accepting. `canReopen`: an admin port of its own is there to end a refusal without a time limit.
 */
export function createOutageSwitch(options: { server: Server; relisten: () => Promise<void>; canReopen: boolean }): OutageSwitch {
  const { server, relisten, canReopen } = options;
  let mode: OutageMode = 'off';
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  async function reopen(): Promise<void> {
    while (!stopped && mode !== 'refuse' && !server.listening) {
      try {
        await relisten();
      } catch {
        // Something took the port for a moment; the port is part of everybody's configuration, so wait for it.
        await new Promise((resolve) => setTimeout(resolve, RELISTEN_EVERY_MS));
      }
    }
  }

  async function set(next: OutageMode, forMs?: number): Promise<void> {
    if (next === 'refuse' && forMs === undefined && !canReopen) {
      throw new RangeError('outage "refuse" closes this port: give forMs, or start the emulator with an admin port of its own');
    }
    clearTimeout(timer);
    mode = next;
    if (next === 'refuse') {
      server.close();
      server.closeIdleConnections();
    } else {
      await reopen();
    }
    if (forMs !== undefined && next !== 'off') timer = setTimeout(() => void set('off'), forMs);
  }

  return {
    mode: () => mode,
    set,
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
