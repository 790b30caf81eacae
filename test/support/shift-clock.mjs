/** Preloaded into a process (`node --import`), it makes its clock wrong by `SHIFT_CLOCK_MS`; timers go on as they should. */
const shiftMs = Number(process.env.SHIFT_CLOCK_MS ?? 0);
const TrueDate = Date;

globalThis.Date = class extends TrueDate {
  constructor(...args) {
    super(...(args.length === 0 ? [TrueDate.now() + shiftMs] : args));
  }
  static now() {
    return TrueDate.now() + shiftMs;
  }
};
