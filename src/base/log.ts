/** JSON lines with a stable `event` and flat fields. */

export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** `event` is `noun.past`, such as `namer.stale`. Bound to its owner at construction. */
export interface Log {
  error(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  debug(event: string, fields?: LogFields): void;
  /** A log whose lines carry `fields` too. */
  with(fields: LogFields): Log;
}

/** Writes nothing. */
export const silentLog: Log = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
  with: () => silentLog,
};
