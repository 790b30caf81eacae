import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { ADMIN_PREFIX, type AdminTarget, receiveAdmin, type Summary, summaryOf } from './admin.ts';
import { type Journal, openJournal } from './journal.ts';
import { listen, stopListening } from './listening.ts';
import { EmulatorOptionError } from './option-error.ts';
import { type EmulatorOptions, initialSettings, type Settings } from './options.ts';
import { createOutageSwitch, type OutageSwitch } from './outage.ts';
import { scenarioProblem } from './scenarios.ts';
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
  /** As `POST /__admin/outage`, but `refuse` needs no time limit here. */
  setOutage(mode: OutageMode, forMs?: number): Promise<void>;
  change(settings: Partial<Settings>): void;
  /** The counters of `GET /__admin/reads`. */
  summary(): Summary;
  /** Drops every connection, hung ones too, and closes the log. */
  close(): Promise<void>;
};

/**
 * Starts the FaceID emulator; resolves once it listens. Rejects with `EmulatorOptionError` if a port is taken, the
 * scenario does not exist, or the log is not one of its own. With `logPath`, counts, tokens and scenarios of earlier runs are there again; outages not.
 */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const settings = initialSettings(options);
  const problem = scenarioProblem(settings.scenario);
  if (problem !== undefined) throw new EmulatorOptionError('scenario', problem);
  const now = options.now ?? Date.now;
  const journal = await openJournal({ logPath: options.logPath, now });
  try {
    return await serve(options, { settings, journal, now });
  } catch (error) {
    await journal.close();
    throw error;
  }
}

type Parts = { readonly settings: Settings; readonly journal: Journal; readonly now: () => number };

async function serve(options: EmulatorOptions, { settings: first, journal, now }: Parts): Promise<Emulator> {
  let settings = first;
  const { apiKey, apiSecret, adminPort, host = '127.0.0.1', prefix = DEFAULT_PREFIX } = options;
  const open = new Set<Promise<void>>();
  const server = createServer(
    { keepAliveTimeout: KEEP_ALIVE_MS },
    track(open, async (request, response) => await receive(request, response)),
  );
  let port = options.port;
  const outage = createOutageSwitch({ server, relisten: async () => void (await listen(server, { port, host, option: 'port' })) });
  const context = { prefix, journal, credentials: { apiKey, apiSecret }, settings: () => settings, outage: outage.mode, now };
  const vendor = createVendorEndpoints(context);
  const change = (changed: Partial<Settings>): void => {
    settings = { ...settings, ...changed };
  };
  const target = adminTarget({ ...context, change, inFlight: vendor.inFlight }, { outage, endable: adminPort !== undefined });

  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    await (isAdmin(request) ? answerAdmin(request, { response, target }) : vendor.receive(request, response));
  }

  port = await listen(server, { port, host, option: 'port' });
  const admin =
    adminPort === undefined
      ? undefined
      : createServer(track(open, async (request, response) => await answerAdmin(request, { response, target })));
  const openAdminPort = admin && (await listenOrStop(admin, { port: adminPort ?? 0, also: server }));
  const { maxCalls, windowMs, countMode, windowStart } = settings;
  await journal.note({ type: 'started', maxCalls, windowMs, countMode, windowStart }).durable;
  const url = `http://${host}:${port}`;
  return {
    url,
    baseUrl: `${url}${prefix}`,
    adminUrl: `${openAdminPort === undefined ? url : `http://127.0.0.1:${openAdminPort}`}${ADMIN_PREFIX}`,
    setOutage: async (mode, forMs) => await switchOutage({ journal, outage }, { mode, forMs }),
    change,
    summary: () => summaryOf(target),
    close: async () => {
      outage.stop();
      await Promise.all([stopListening(server), ...(admin ? [stopListening(admin)] : [])]);
      await Promise.all(open);
      await journal.close();
    },
  };
}

async function listenOrStop(admin: Server, options: { port: number; also: Server }): Promise<number> {
  try {
    return await listen(admin, { port: options.port, host: '127.0.0.1', option: 'adminPort' });
  } catch (error) {
    await stopListening(options.also);
    throw error;
  }
}

function adminTarget(
  context: Omit<AdminTarget, 'outage' | 'setOutage'>,
  { outage, endable }: { outage: OutageSwitch; endable: boolean },
): AdminTarget {
  return {
    ...context,
    outage: outage.mode,
    setOutage: async (mode, forMs) => {
      if (mode === 'refuse' && forMs === undefined && !endable) {
        throw new RangeError('mode: "refuse" closes this port; give forMs, or start the emulator with an admin port of its own');
      }
      await switchOutage({ journal: context.journal, outage }, { mode, forMs });
    },
  };
}

async function switchOutage(
  parts: { journal: Journal; outage: OutageSwitch },
  { mode, forMs }: { mode: OutageMode; forMs: number | undefined },
): Promise<void> {
  await parts.journal.note({ type: 'outage', mode }).durable;
  await parts.outage.set(mode, forMs);
}

function isAdmin(request: IncomingMessage): boolean {
  return request.url?.startsWith(`${ADMIN_PREFIX}/`) ?? false;
}

async function answerAdmin(
  request: IncomingMessage,
  { response, target }: { response: ServerResponse; target: AdminTarget },
): Promise<void> {
  const { httpStatus, body } = await receiveAdmin(request, target);
  const closing = target.outage() === 'refuse' ? { connection: 'close' } : {};
  response.writeHead(httpStatus, { 'content-type': 'application/json', ...closing }).end(JSON.stringify(body));
}

/** Keeps what is under way, so that closing can wait for it; a request that cannot be handled loses its connection. */
function track(open: Set<Promise<void>>, handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>): RequestListener {
  return (request, response) => {
    const handled = handle(request, response)
      .catch(() => {
        response.destroy();
      })
      .finally(() => open.delete(handled));
    open.add(handled);
  };
}
