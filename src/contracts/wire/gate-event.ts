import { z } from 'zod';
import { defined } from '../../domain/defined.ts';
import { GATE_PHASES, isHeld } from '../../domain/gate/gate.ts';
import type { GateChange } from '../gate.ts';
import { binaryHeaders } from './binary-headers.ts';
import { instantSchema, type Parsed, parseWith, textSchema } from './parsed.ts';
import { ticketSchema } from './replay-audit.ts';

export const GATE_EVENT_TYPE = 'faceid.verification.gate.v1';

const phase = z.enum(GATE_PHASES);

/** One record for every change of the gate of a vendor account. Nothing in it is secret. */
export const gateEventSchema = z
  .object({
    schemaVersion: z.literal('1'),
    region: z.string().meta({ description: 'Of the vendor account.' }),
    state: phase.meta({
      description:
        'OPEN: reads begin as they come. HELD: none begins. CANARY: one read tries the vendor. RAMP: they begin again, step by step.',
    }),
    before: phase.meta({ description: 'What it was before.' }),
    readsHeld: z.boolean().meta({
      description: 'True while results cannot be had, in HELD and CANARY: send nobody into a session whose result is needed soon.',
    }),
    change: z.int().min(1).meta({ description: 'Counts the changes of this gate.' }),
    at: instantSchema('When it changed.'),
    actor: z
      .object({ type: z.enum(['OPERATOR', 'SYSTEM']), id: z.string() })
      .meta({ description: 'SYSTEM: a worker met what the vendor says to stop for, or the gate went on by itself after whom it names.' }),
    reason: textSchema(300, 'Why it changed.'),
    ticket: ticketSchema.exactOptional(),
    heldSince: instantSchema('When the hold began that is in force, or is being undone.').exactOptional(),
  })
  .meta({ title: 'GateChange', description: 'Whether reads of a vendor account begin, since when, by whom and why.' });

export type GateEventRecord = z.infer<typeof gateEventSchema>;

/** @returns the record, or the rules it breaks, without its values. */
export function parseGateEvent(input: unknown): Parsed<GateEventRecord> {
  return parseWith(gateEventSchema, input);
}

/** What is published of a change; it follows from the change alone, so that every repetition has the same bytes. */
export function gateEventOf({ region, before, state }: GateChange): GateEventRecord {
  return {
    schemaVersion: '1',
    region,
    state: state.phase,
    before,
    readsHeld: isHeld(state),
    change: state.changes,
    at: state.sinceAt,
    actor: { type: state.isAutomatic === true ? 'SYSTEM' : 'OPERATOR', id: state.by },
    reason: state.reason,
    ...defined({ ticket: state.ticket, heldSince: state.hold?.sinceAt }),
  };
}

/** CloudEvents 1.0 in binary mode. The instant is in the id, because a gate that is deleted counts from one again. */
export function gateEventHeaders({ region, change, at }: GateEventRecord, options: { readonly source: string }): Record<string, string> {
  return binaryHeaders({ ...options, id: `${region}.${change}.${at}`, type: GATE_EVENT_TYPE, subject: region, time: at });
}
