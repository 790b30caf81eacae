import { defined } from '../../domain/defined.ts';
import type { TraceContext } from '../workflow.ts';

// W3C Trace Context, level 2. What is not well formed is left out: it is not worth refusing a request.

/** Version, trace id, parent id, flags; versions to come may add more behind them. */
const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const ALL_ZERO = /^0+$/;
const KEY = /^[a-z0-9][a-z0-9_\-*/@]{0,255}$/;
/** Printable ASCII but comma and equals sign, not ending in a space. */
const VALUE = /^[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;
const MAX_MEMBERS = 32;
/** What must be handed on at least; each history holds it several times, so that it is the most as well. */
const MAX_STATE_LENGTH = 512;

type Candidate = { readonly traceparent: unknown; readonly tracestate: unknown };

/** The first candidate with a well-formed `traceparent`, with its own `tracestate`: the two are never mixed. */
export function traceContextOf(candidates: readonly Candidate[]): TraceContext {
  for (const { traceparent, tracestate } of candidates) {
    const parent = typeof traceparent === 'string' ? parseTraceparent(traceparent.trim()) : undefined;
    if (parent === undefined) continue;
    return { traceparent: parent, ...defined({ tracestate: typeof tracestate === 'string' ? parseTracestate(tracestate) : undefined }) };
  }
  return {};
}

/** A later version is handed on as the one known here: of its flags we know the first one. */
function parseTraceparent(text: string): string | undefined {
  const [, version = 'ff', traceId = '', parentId = '', flags = '', more] = TRACEPARENT.exec(text) ?? [];
  if (version === 'ff' || ALL_ZERO.test(traceId) || ALL_ZERO.test(parentId)) return undefined;
  if (version === '00') return more === undefined ? text : undefined;
  return `00-${traceId}-${parentId}-0${Number.parseInt(flags, 16) & 1}`;
}

/** One faulty member spoils the whole list. What is too long loses its longest members first, then those at its end. */
function parseTracestate(text: string): string | undefined {
  const members = text
    .split(',')
    .map((member) => member.trim())
    .filter((member) => member !== '');
  const keys = new Set(members.map((member) => member.slice(0, member.indexOf('='))));
  if (members.length > MAX_MEMBERS || keys.size < members.length || !members.every(isMember)) return undefined;
  const fits = (kept: readonly string[]): boolean => kept.join(',').length <= MAX_STATE_LENGTH;
  const kept = fits(members) ? members : members.filter((member) => member.length <= 128);
  while (!fits(kept)) kept.pop();
  return kept.length === 0 ? undefined : kept.join(',');
}

function isMember(member: string): boolean {
  const at = member.indexOf('=');
  return at > 0 && KEY.test(member.slice(0, at)) && VALUE.test(member.slice(at + 1));
}
