import { isIP, isIPv6 } from 'node:net';
import { z } from 'zod';
import { hostPortOf } from '../contracts/host-port.ts';
import { didYouMean } from './did-you-mean.ts';
import { formatDuration, parseDuration } from './duration.ts';

/**
 * Parsers from the text of a variable. Their messages say what to write instead and never repeat the text, because a mistaken one
 * may hold credentials; load.ts puts the name in front.
 */

type Parsed<T> = { readonly value: T } | { readonly problem: string };

/** The text without blanks around it, parsed. */
export function field<T>(parse: (text: string) => Parsed<T>): z.ZodType<T, string> {
  return z.string().transform((text, context) => {
    const parsed = parse(text.trim());
    if ('value' in parsed) return parsed.value;
    context.issues.push({ code: 'custom', message: parsed.problem, input: undefined });
    return z.NEVER;
  });
}

/** Entries between commas and, in files, line breaks. Problems name the position of the entry, never its content. */
export function entries<T>(
  parse: (entry: string, earlier: readonly T[]) => Parsed<T>,
  { how }: { readonly how: string },
): z.ZodType<readonly T[], string> {
  return z.string().transform((text, context) => {
    const found: T[] = [];
    const all = text.trim().split(/\s*[,\n]\s*/);
    for (const [index, entry] of all.entries()) {
      const parsed = parse(entry, found);
      if ('value' in parsed) found.push(parsed.value);
      else context.issues.push({ code: 'custom', message: `entry ${index + 1} ${parsed.problem}; ${how}`, input: undefined });
    }
    return found;
  });
}

export function duration(limits: { readonly minMs: number; readonly maxMs: number }): z.ZodType<number, string> {
  const range = `between ${formatDuration(limits.minMs)} and ${formatDuration(limits.maxMs)}`;
  return field((text) => {
    const value = parseDuration(text);
    if (value === undefined) return { problem: `is not a duration; write a whole number with ms, s, m or h, ${range}` };
    if (value < limits.minMs || value > limits.maxMs) return { problem: `is out of range; write a duration ${range}` };
    return { value };
  });
}

/** `0s,60s,23h` → milliseconds. */
export function durationList(): z.ZodType<readonly number[], string> {
  return field((text) => {
    const values = text.split(',').map((part) => parseDuration(part));
    const known = values.filter((value) => value !== undefined);
    if (known.length !== values.length) return { problem: 'is not a list of durations; write e.g. 0s,60s,23h' };
    return { value: known };
  });
}

export function integer(limits: { readonly min: number; readonly max: number }): z.ZodType<number, string> {
  return field((text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= limits.min && value <= limits.max) return { value };
    return { problem: `does not fit; write a whole number from ${limits.min} to ${limits.max}` };
  });
}

/** A decimal number, with up to six places. */
export function decimal(limits: { readonly min: number; readonly max: number }): z.ZodType<number, string> {
  return field((text) => {
    const value = /^\d{1,9}(\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN;
    if (value >= limits.min && value <= limits.max) return { value };
    return { problem: `does not fit; write a number from ${limits.min} to ${limits.max}` };
  });
}

export function flag(): z.ZodType<boolean, string> {
  return field((text) => {
    if (text === 'true' || text === '1') return { value: true };
    if (text === 'false' || text === '0') return { value: false };
    return { problem: 'is neither true nor false; write true or false' };
  });
}

export function oneOf<const T extends string>(values: readonly T[]): z.ZodType<T, string> {
  return field((text) => {
    const value = values.find((candidate) => candidate === text);
    if (value !== undefined) return { value };
    const near = didYouMean(text, values);
    return { problem: `is not known; ${near === undefined ? '' : `did you mean ${near}? `}write one of ${values.join(', ')}` };
  });
}

/**
 * Kafka allows letters, digits, dot, underscore and hyphen in topic names, up to 249 characters. Two underscores begin those of
 * its own: brokers refuse to be written to them.
 */
export function topicName(): z.ZodType<string, string> {
  return field((text) => {
    if (!/^[\w.-]{1,249}$/.test(text) || text === '.' || text === '..')
      return { problem: 'is no topic name; use letters, digits, dot, underscore and hyphen' };
    return text.startsWith('__') ? { problem: 'is a name that Kafka keeps for itself; let it not begin with __' } : { value: text };
  });
}

export function name(): z.ZodType<string, string> {
  return field((text) =>
    /^[\w.:/-]{1,200}$/.test(text) ? { value: text } : { problem: 'does not fit; use letters, digits and . _ : / -' },
  );
}

/** Temporal refuses every poll of and every start on a queue whose name it keeps for itself. */
const TEMPORALS_OWN_QUEUES = ['/_sys/', '/__temporal', '__temporal', 'temporal-sys-'];

export function taskQueueName(): z.ZodType<string, string> {
  return name().refine((text) => !TEMPORALS_OWN_QUEUES.some((prefix) => text.startsWith(prefix)), {
    error: `is a name that Temporal keeps for itself; let it not begin with ${TEMPORALS_OWN_QUEUES.join(', ')}`,
  });
}

/** Where to listen. A host name could mean one interface today and another tomorrow. */
export function listenAddress(): z.ZodType<string, string> {
  return field((text) => {
    const address = text.replace(/^\[(.*)\]$/, '$1');
    return isIP(address) !== 0 || address === 'localhost'
      ? { value: address }
      : { problem: 'is no IP address; write 0.0.0.0, ::, 127.0.0.1 or another one of this machine' };
  });
}

/** A scenario of the emulator, or several joined by `+`; whether there is one of that name, the emulator says. */
export function scenarioName(): z.ZodType<string, string> {
  return field((text) => (/^[\w.+-]{1,999}$/.test(text) ? { value: text } : { problem: 'does not fit; use letters, digits and . _ + -' }));
}

/** Free text: file paths, user names, secrets. */
export function text(): z.ZodType<string, string> {
  return field((value) => (value.length <= 4096 ? { value } : { problem: 'is longer than 4096 characters' }));
}

function isAddress(text: string): boolean {
  const { host, port = 0 } = hostPortOf(text);
  return port >= 1 && port <= 65_535 && (text.startsWith('[') ? isIPv6(host) : /^[\w.-]+$/.test(host));
}

/** `host:port[,host:port]`, IPv6 addresses in brackets. */
export function brokerList(): z.ZodType<readonly string[], string> {
  return field((value) => {
    const brokers = value.split(',').map((part) => part.trim());
    const wrong = brokers.findIndex((broker) => !isAddress(broker));
    return wrong === -1 ? { value: brokers } : { problem: `entry ${wrong + 1} is no broker address; write host:port[,host:port]` };
  });
}
