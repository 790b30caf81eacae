/** The narrow logger every module takes; pino satisfies it. Fields must hold nothing secret. */
export type Logger = {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
};
