/** Which answers use up one of the reads; the vendor does not say (docs/vendor.md, Assumptions). */
export const COUNT_MODES = ['all', 'ok', 'terminal'] as const;
export type CountMode = (typeof COUNT_MODES)[number];

/** From when the window runs; the vendor does not say (docs/vendor.md, Assumptions). */
export const WINDOW_STARTS = ['issue', 'completion'] as const;
export type WindowStart = (typeof WINDOW_STARTS)[number];

/** Name of the error field in error bodies; it varied over the vendor's endpoints (docs/vendor.md row 37). */
export const ERROR_KEYS = ['error_message', 'error', 'ERROR'] as const;
export type ErrorKey = (typeof ERROR_KEYS)[number];

/** What may be changed while the emulator runs (`POST /__admin/defaults`). */
export type Settings = {
  readonly maxCalls: number;
  readonly windowMs: number;
  readonly countMode: CountMode;
  readonly windowStart: WindowStart;
  /** Scenario of tokens that name none. */
  readonly scenario: string;
  /** Added before every answer. */
  readonly latencyMs: number;
  /** Requests in flight beyond this are refused with CONCURRENCY_LIMIT_EXCEEDED; 0: no limit. */
  readonly maxConcurrent: number;
  /** True: tokens never minted play the default scenario, issued when first seen; false: RESULT_NOT_FOUND. */
  readonly acceptUnknown: boolean;
  readonly errorKey: ErrorKey;
};

export type EmulatorOptions = Pick<Settings, 'maxCalls' | 'windowMs' | 'countMode' | 'windowStart'> &
  Partial<Settings> & {
    /** 0: any free port. */
    readonly port: number;
    readonly host?: string;
    /** A second port that serves only `/__admin`, so that an outage of mode `refuse` can be ended from outside. */
    readonly adminPort?: number;
    /** Path prefix of the vendor's endpoints. */
    readonly prefix?: string;
    /** Append-only NDJSON; absent: counts live in memory only. */
    readonly logPath?: string;
    readonly apiKey: string;
    readonly apiSecret: string;
    readonly now?: () => number;
  };

/** Fills in the defaults of everything that may change later. */
export function initialSettings(options: EmulatorOptions): Settings {
  return {
    maxCalls: options.maxCalls,
    windowMs: options.windowMs,
    countMode: options.countMode,
    windowStart: options.windowStart,
    scenario: options.scenario ?? 'ready-pass',
    latencyMs: options.latencyMs ?? 0,
    maxConcurrent: options.maxConcurrent ?? 0,
    acceptUnknown: options.acceptUnknown ?? false,
    errorKey: options.errorKey ?? 'error_message',
  };
}
