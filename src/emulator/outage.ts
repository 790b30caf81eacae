import type { Server } from 'node:http';
import type { OutageMode } from './vendor.ts';

/** Switches the vendor off in the ways a vendor goes down. Not remembered over a restart. */
export type OutageSwitch = {
  mode(): OutageMode;
  /** Ends by itself after `forMs`. */
  set(mode: OutageMode, forMs?: number): Promise<void>;
  /** Forgets timers; for shutdown. */
  stop(): void;
};

const RELISTEN_EVERY_MS = 50;

/**
 * `refuse` really closes the port, so that connecting fails before a byte leaves the client; every other mode keeps
 * accepting.
 */
export function createOutageSwitch(options: { server: Server; relisten: () => Promise<void> }): OutageSwitch {
  const { server, relisten } = options;
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
    clearTimeout(timer);
    mode = next;
    if (next === 'refuse') {
      // Connections in use end with their answer; new ones are refused by the kernel.
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
