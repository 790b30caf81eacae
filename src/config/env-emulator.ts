import { duration, flag, integer, name, oneOf, scenarioName } from './fields.ts';
import { optional, path, withDefault } from './variable.ts';

export const COUNT_MODES = ['all', 'ok', 'terminal'] as const;
export const WINDOW_STARTS = ['issue', 'completion'] as const;

export const emulatorVariables = {
  VF_EMULATOR_PORT: withDefault(integer({ min: 0, max: 65_535 }), {
    description: 'Port of the FaceID emulator. 0: any free port, named in the ready line.',
    form: 'port',
    default: '8085',
  }),
  VF_EMULATOR_HOST: withDefault(name(), {
    description: 'Address on which the emulator listens; `0.0.0.0` in a container.',
    form: 'host',
    default: '127.0.0.1',
  }),
  VF_EMULATOR_LOG: path('File to which the emulator appends one JSON line per request; absent: no log.'),
  VF_EMULATOR_COUNT_MODE: withDefault(oneOf(COUNT_MODES), {
    description: 'Which answers use up a read: all of them, those with HTTP 200, or those with a terminal status.',
    form: COUNT_MODES.join(', '),
    default: 'all',
  }),
  VF_EMULATOR_WINDOW_START: withDefault(oneOf(WINDOW_STARTS), {
    description: 'When the emulated day begins: with the issue of the token, or with the completion of the session.',
    form: WINDOW_STARTS.join(', '),
    default: 'issue',
  }),
  VF_EMULATOR_SCENARIO: optional(scenarioName(), {
    description: 'What tokens that name no scenario play; absent: `ready-pass`.',
    form: 'scenario',
  }),
  VF_EMULATOR_ACCEPT_UNKNOWN: withDefault(flag(), {
    description: 'Answer tokens that the emulator never issued, as if issued when first seen, instead of RESULT_NOT_FOUND.',
    form: 'true or false',
    default: 'false',
  }),
  VF_EMULATOR_LATENCY: withDefault(duration({ minMs: 0, maxMs: 600_000 }), {
    description: 'Added before every answer of the emulator.',
    form: 'duration',
    default: '0ms',
  }),
  VF_EMULATOR_MAX_CALLS: optional(integer({ min: 1, max: 100 }), {
    description: 'Reads that the emulator answers per token; absent: `VF_MAX_CALLS`.',
    form: 'integer',
  }),
  VF_EMULATOR_WINDOW: optional(duration({ minMs: 100, maxMs: 604_800_000 }), {
    description: 'How long the emulator keeps a result; absent: `VF_WINDOW`.',
    form: 'duration',
  }),
};
