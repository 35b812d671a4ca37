/** The worker side of active health checks: asks the control thread for them, and goes on with what it was told. */
import type { HealthReport, HealthSource, HealthSubject, HealthWatch } from "../base/health.ts";
import type { HealthBatch, HealthRequest, Place } from "./health-messages.ts";

interface Watch {
  readonly id: number;
  readonly subject: HealthSubject;
  readonly hear: (report: HealthReport) => void;
  /** `undefined` before they are known. */
  endpoints: readonly Place[] | undefined;
}

/** Without a control thread nothing changes; the next one is asked for everything again. */
export class RemoteHealth implements HealthSource {
  readonly #watches = new Map<number, Watch>();
  #send: ((request: HealthRequest) => void) | undefined;
  #lastId = 0;

  /** Takes up a control thread, in place of an earlier one; or asks the same one for everything again. */
  attach(send: (request: HealthRequest) => void): void {
    this.#send = send;
    if (this.#lastId === 0) return;
    send({ type: "reset" });
    for (const watch of this.#watches.values()) this.#ask(watch);
  }

  /** The control thread is gone. */
  detach(): void {
    this.#send = undefined;
  }

  hear({ batch, reports }: HealthBatch): void {
    for (const [id, report] of reports) this.#watches.get(id)?.hear(report);
    this.#send?.({ type: "ack", batch });
  }

  watch(subject: HealthSubject, hear: (report: HealthReport) => void): HealthWatch {
    const watch: Watch = { id: ++this.#lastId, subject, hear, endpoints: undefined };
    this.#watches.set(watch.id, watch);
    return {
      follow: (addresses) => {
        if (!this.#watches.has(watch.id)) return;
        watch.endpoints = addresses.map(({ host, port }): Place => [host, port]);
        this.#ask(watch);
      },
      [Symbol.dispose]: () => {
        if (this.#watches.delete(watch.id)) this.#send?.({ type: "unwatch", id: watch.id });
      },
    };
  }

  /** A cluster whose endpoints are not known yet asks for nothing. */
  #ask({ id, subject, endpoints }: Watch): void {
    if (endpoints !== undefined) this.#send?.({ type: "watch", id, subject, endpoints });
  }
}
