/** A log that remembers its lines. */
import type { Log, LogFields } from "../base/log.ts";

export interface RecordedLine {
  readonly level: "error" | "warn" | "info" | "debug";
  readonly event: string;
  readonly fields: LogFields;
}

export class RecordingLog implements Log {
  readonly lines: RecordedLine[];
  readonly #fields: LogFields;

  constructor(lines: RecordedLine[] = [], fields: LogFields = {}) {
    this.lines = lines;
    this.#fields = fields;
  }

  /** The lines of one event at a level that people read: not debug. */
  told(event: string): readonly RecordedLine[] {
    return this.lines.filter((line) => line.event === event && line.level !== "debug");
  }

  error(event: string, fields?: LogFields): void {
    this.#add("error", event, fields);
  }

  warn(event: string, fields?: LogFields): void {
    this.#add("warn", event, fields);
  }

  info(event: string, fields?: LogFields): void {
    this.#add("info", event, fields);
  }

  debug(event: string, fields?: LogFields): void {
    this.#add("debug", event, fields);
  }

  with(fields: LogFields): Log {
    return new RecordingLog(this.lines, { ...this.#fields, ...fields });
  }

  #add(level: RecordedLine["level"], event: string, fields?: LogFields): void {
    this.lines.push({ level, event, fields: { ...this.#fields, ...fields } });
  }
}
