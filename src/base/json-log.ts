/** A log that writes one JSON object a line. */
import type { Log, LogFields } from "./log.ts";
import type { Clock } from "./time.ts";

export type LogLevel = "error" | "warn" | "info" | "debug";

const severities: { readonly [level in LogLevel]: number } = { error: 0, warn: 1, info: 2, debug: 3 };

/** The least severe level that is written: shared by a log and all that were derived from it. */
export interface LogThreshold {
  level: LogLevel;
}

/** `sink` gets a whole line without its end. `time`, `level` and `event` cannot be overwritten by fields. */
export class JsonLog implements Log {
  readonly threshold: LogThreshold;
  readonly #sink: (line: string) => void;
  readonly #clock: Clock;
  readonly #bound: LogFields;

  constructor(
    sink: (line: string) => void,
    clock: Clock,
    threshold: LogThreshold = { level: "info" },
    bound: LogFields = {},
  ) {
    this.#sink = sink;
    this.#clock = clock;
    this.threshold = threshold;
    this.#bound = bound;
  }

  error(event: string, fields?: LogFields): void {
    this.#write("error", event, fields);
  }

  warn(event: string, fields?: LogFields): void {
    this.#write("warn", event, fields);
  }

  info(event: string, fields?: LogFields): void {
    this.#write("info", event, fields);
  }

  debug(event: string, fields?: LogFields): void {
    this.#write("debug", event, fields);
  }

  with(fields: LogFields): JsonLog {
    return new JsonLog(this.#sink, this.#clock, this.threshold, { ...this.#bound, ...fields });
  }

  #write(level: LogLevel, event: string, fields?: LogFields): void {
    if (severities[level] > severities[this.threshold.level]) return;
    const head = { time: new Date(this.#clock.wall()).toISOString(), level, event };
    this.#sink(JSON.stringify({ ...head, ...this.#bound, ...fields, ...head }));
  }
}
