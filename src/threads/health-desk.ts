/** The control side of active health checks: what one worker wants checked, and what it is told of it. */
import type { HealthReport, HealthSource, HealthWatch } from "../base/health.ts";
import type { HealthBatch, HealthRequest } from "./health-messages.ts";

/** One for each worker and each channel to it. Reports gather while a batch is on its way: only the newest of each is sent. */
export class HealthDesk implements Disposable {
  readonly #source: HealthSource;
  readonly #send: (batch: HealthBatch) => void;
  readonly #watches = new Map<number, HealthWatch>();
  readonly #news = new Map<number, HealthReport>();
  #batch = 0;
  #isWaiting = false;

  constructor(source: HealthSource, send: (batch: HealthBatch) => void) {
    this.#source = source;
    this.#send = send;
  }

  hear(request: HealthRequest): void {
    if (request.type === "watch") this.#watch(request);
    else if (request.type === "unwatch") this.#unwatch(request.id);
    else if (request.type === "reset") this.#reset();
    else if (request.batch === this.#batch) {
      this.#isWaiting = false;
      this.#flush();
    }
  }

  [Symbol.dispose](): void {
    this.#reset();
  }

  #watch({ id, subject, endpoints }: Extract<HealthRequest, { readonly type: "watch" }>): void {
    const watch = this.#watches.get(id) ?? this.#source.watch(subject, (report) => this.#heard(id, report));
    this.#watches.set(id, watch);
    watch.follow(endpoints.map(([host, port]) => ({ host, port, weight: 1 })));
  }

  #unwatch(id: number): void {
    this.#watches.get(id)?.[Symbol.dispose]();
    this.#watches.delete(id);
    this.#news.delete(id);
  }

  #reset(): void {
    for (const id of this.#watches.keys()) this.#unwatch(id);
    this.#isWaiting = false;
  }

  #heard(id: number, report: HealthReport): void {
    this.#news.set(id, report);
    if (!this.#isWaiting) this.#flush();
  }

  #flush(): void {
    if (this.#news.size === 0) return;
    const reports = [...this.#news];
    this.#news.clear();
    this.#isWaiting = true;
    this.#send({ batch: ++this.#batch, reports });
  }
}
