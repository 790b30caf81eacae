import type { IncomingMessage, ServerResponse } from 'node:http';
import { pause, send } from './deliver.ts';
import { readForm, receiveGetToken } from './get-token.ts';
import type { Journal } from './journal.ts';
import type { Settings } from './options.ts';
import type { Reply } from './reply.ts';
import { type Arrival, type Circumstances, failure, type OutageMode, outageReply, receiveGetResult, receiveUnknownPath } from './vendor.ts';

export type VendorContext = {
  readonly prefix: string;
  readonly journal: Journal;
  readonly credentials: Circumstances['credentials'];
  settings(): Settings;
  outage(): OutageMode;
  now(): number;
};

export type VendorEndpoints = {
  /** Answers one request for the vendor's side of the port. */
  receive(request: IncomingMessage, response: ServerResponse): Promise<void>;
  inFlight(): { readonly now: number; readonly peak: number };
};

/** Routes vendor requests, and lets no byte of an answer out before its log record is on disk. */
export function createVendorEndpoints(context: VendorContext): VendorEndpoints {
  let inFlight = 0;
  let peak = 0;

  function circumstances(): Circumstances {
    const { journal, credentials } = context;
    return { journal, credentials, settings: context.settings(), outage: context.outage(), inFlight, nowMs: context.now() };
  }

  /** False once any record was lost: an answer without its record would make the log a false witness. */
  async function isOnDisk(durable: Promise<void>): Promise<boolean> {
    await Promise.allSettled([durable]);
    return context.journal.intact();
  }

  async function answer(response: ServerResponse, arrival: Arrival): Promise<void> {
    const { reply, seq } = arrival;
    if (!(await isOnDisk(arrival.durable))) {
      response.destroy();
      return;
    }
    // While the port refuses, no connection may outlive its answer.
    if (context.outage() === 'refuse') response.shouldKeepAlive = false;
    const there = await pause(response, context.settings().latencyMs + reply.delayMs);
    const delivery = there ? reply.delivery : 'GONE';
    context.journal.note({ type: 'answered', of: seq, delivery, httpStatus: reply.httpStatus, says: reply.said });
    if (there) send(response, reply);
  }

  async function mint(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { reply, durable } = await mintReply(request, circumstances);
    if (!(await isOnDisk(durable))) response.destroy();
    else if (await pause(response, context.settings().latencyMs)) send(response, reply);
  }

  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    inFlight += 1;
    peak = Math.max(peak, inFlight);
    response.once('close', () => {
      inFlight -= 1;
    });
    const { pathname, searchParams } = new URL(`http://emulator${request.url ?? '/'}`);
    const route = `${request.method} ${pathname}`;
    if (route === `POST ${context.prefix}/lite/raw/get_token`) return await mint(request, response);
    request.resume();
    if (pathname === '/__redirected') context.journal.note({ type: 'redirect-followed' });
    const isGetResult = route === `GET ${context.prefix}/lite/raw/get_result`;
    await answer(
      response,
      isGetResult ? receiveGetResult(searchParams, circumstances()) : receiveUnknownPath(searchParams, circumstances()),
    );
  }

  return { receive, inFlight: () => ({ now: inFlight, peak }) };
}

async function mintReply(request: IncomingMessage, circumstances: () => Circumstances): Promise<{ reply: Reply; durable: Promise<void> }> {
  const outage = outageReply(circumstances());
  if (outage) return { reply: outage, durable: Promise.resolve() };
  try {
    return receiveGetToken(await readForm(request), circumstances());
  } catch {
    // Whatever made the body unreadable, the vendor's word for it is the same, and the body may hold the secret.
    return { reply: failure('BAD_ARGUMENTS:body', { httpStatus: 400, now: circumstances() }), durable: Promise.resolve() };
  }
}
