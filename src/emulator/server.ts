import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { ADMIN_PREFIX, receiveAdmin, summaryOf } from './admin.ts';
import type { AdminTarget } from './admin.ts';
import { openJournal } from './journal.ts';
import { initialSettings } from './options.ts';
import type { EmulatorOptions, Settings } from './options.ts';
import { createOutageSwitch } from './outage.ts';
import { playOf } from './scenarios.ts';
import { createVendorEndpoints } from './vendor-endpoints.ts';
import type { OutageMode } from './vendor.ts';

const DEFAULT_PREFIX = '/faceid';
/** Long, so that an idle connection dying under a request is a fault we inject and never one we cause. */
const KEEP_ALIVE_MS = 120_000;

export type Emulator = {
  /** `http://host:port`, without the path prefix. */
  readonly url: string;
  /** What `VF_FACEID_BASE_URL` must be to reach it. */
  readonly baseUrl: string;
  /** `…/__admin`, on the admin port if there is one. */
  readonly adminUrl: string;
  setOutage(mode: OutageMode, forMs?: number): Promise<void>;
  change(settings: Partial<Settings>): void;
  /** The counters of `GET /__admin/reads`. */
  summary(): object;
  /** Drops every connection, hung ones too, and closes the log. */
  close(): Promise<void>;
};

/**
 * Starts the FaceID emulator; resolves once it listens. Rejects if the port is taken or the log is not its own.
 * With `logPath`, counts, tokens and scenarios of earlier runs are there again; outages are not.
 */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const now = options.now ?? Date.now;
  const prefix = options.prefix ?? DEFAULT_PREFIX;
  let settings = initialSettings(options);
  if (!playOf(settings.scenario)) throw new RangeError(`scenario: "${settings.scenario}" is no emulator scenario`);
  const journal = await openJournal({ logPath: options.logPath, now });
  const { apiKey, apiSecret } = options;
  const vendor = createVendorEndpoints({
    prefix,
    journal,
    credentials: { apiKey, apiSecret },
    settings: () => settings,
    outage: () => outage.mode(),
    now,
  });
  const target: AdminTarget = {
    journal,
    settings: () => settings,
    change: (changed) => {
      settings = { ...settings, ...changed };
    },
    outage: () => outage.mode(),
    setOutage: async (mode, forMs) => {
      await outage.set(mode, forMs);
      journal.note({ type: 'outage', mode });
    },
    inFlight: vendor.inFlight,
    now,
  };
  const requests = createRequestTracker();
  const server = createServer(requests.handle(async (request, response) => await serve(request, response)));
  const host = options.host ?? '127.0.0.1';
  let port = options.port;
  const outage = createOutageSwitch({ server, relisten: async () => await listen(server, { port, host }).then(() => undefined), canReopen: options.adminPort !== undefined });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    await (isAdmin(request) ? serveAdmin(request, response) : vendor.receive(request, response));
  }

  async function serveAdmin(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { httpStatus, body } = await receiveAdmin(request, target);
    response.writeHead(httpStatus, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }

  return null;
}
