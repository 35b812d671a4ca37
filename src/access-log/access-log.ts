/** Takes the lines of an access log as requests end, and writes them when nobody waits for it. */
import type { Log } from "../base/log.ts";
import type { Counter, Metrics, MetricSpec } from "../base/metrics.ts";
import { OutageLog } from "../base/outage-log.ts";
import type { Scope } from "../base/scope.ts";
import type { Clock } from "../base/time.ts";
import { LineBuffer } from "./line-buffer.ts";
import { LogFile, type LogFileOptions } from "./log-file.ts";

export const accessLogLostTotal: MetricSpec = {
  name: "linkspan_access_log_lost_total",
  type: "counter",
  help: "Lines that an access log lost: its file could not be written, or not fast enough.",
  labels: ["router", "server"],
};

/** How old a line may get before it is in the file. */
const DELAY_MS = 200;
/** Where the file cannot be written. */
const RETRY_MS = 1_000;

export interface AccessLogParts {
  readonly file: LogFileOptions;
  readonly labels: { readonly router: string; readonly server: string };
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** In epoch ms. */
  readonly processStart: number;
  readonly bug: (error: unknown) => void;
}

export class AccessLog implements AsyncDisposable {
  readonly #parts: AccessLogParts;
  readonly #lines = new LineBuffer();
  readonly #file: LogFile;
  readonly #outage: OutageLog;
  readonly #lost: Counter;
  #timer: Disposable | undefined;
  #writing: Promise<void> | undefined;

  /** What it counts belongs to `owner`. */
  constructor(parts: AccessLogParts, owner: Scope) {
    const { file, labels, clock, log, metrics, processStart } = parts;
    this.#parts = parts;
    this.#file = new LogFile(file, clock, processStart);
    const events = { failed: "accesslog.failed", recovered: "accesslog.recovered" };
    this.#outage = new OutageLog(log.with(labels), clock, events);
    this.#lost = metrics.counter(accessLogLostTotal, labels, owner);
  }

  /** On the way of every request: takes the line, or loses it, and returns at once. `line` is latin1 and has its end. */
  write(line: string): void {
    if (!this.#lines.add(line)) this.#lost.value++;
    if (this.#writing !== undefined) return;
    if (this.#lines.isHalfFull && !this.#outage.isDown) this.#flush();
    else if (this.#timer === undefined) this.#wait(this.#outage.isDown ? RETRY_MS : DELAY_MS);
  }

  /** Writes what there is. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writing;
    this.#flush();
    await this.#writing;
    this.#timer?.[Symbol.dispose]();
    await this.#file[Symbol.asyncDispose]();
  }

  #wait(ms: number): void {
    this.#timer = this.#parts.clock.timer(ms, () => this.#flush());
  }

  #flush(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    this.#writing ??= this.#writeAll()
      .catch(this.#parts.bug)
      .finally(() => {
        this.#writing = undefined;
        if (!this.#lines.isEmpty && this.#timer === undefined) this.#wait(this.#outage.isDown ? RETRY_MS : DELAY_MS);
      });
  }

  async #writeAll(): Promise<void> {
    const lines = this.#lines.take();
    if (lines === undefined) return;
    const { path } = this.#parts.file;
    try {
      const trouble = await this.#file.append(lines.bytes);
      if (trouble === undefined) this.#outage.succeeded({ path });
      else this.#outage.failed(trouble, { path });
    } catch (error) {
      this.#lost.value += lines.count;
      this.#outage.failed(error as Error, { path });
    } finally {
      this.#lines.release();
    }
  }
}
