/** The control thread's side of all workers: one channel each, with naming, numbers and views on it. */
import type { MessagePort } from "node:worker_threads";
import type { HealthSource } from "../base/health.ts";
import type { MetricsView } from "../base/metrics-registry.ts";
import type { Clock } from "../base/time.ts";
import type { Interpreter } from "../naming/interpreter.ts";
import type { Path } from "../naming/path.ts";
import { Binder } from "./binder.ts";
import { HealthDesk } from "./health-desk.ts";
import type { ToControl, ToWorker } from "./protocol.ts";
import { SummedMetrics } from "./summed-metrics.ts";
import { ViewAsker } from "./views.ts";

export interface ControlledWorkersParts {
  interpreterFor(router: string): Interpreter;
  unreachable(id: Path): void;
  readonly health: HealthSource;
  /** The control thread's own metrics. */
  readonly registry: MetricsView;
  readonly clock: Clock;
}

interface Joined extends Disposable {
  readonly views: ViewAsker;
}

export class ControlledWorkers implements Disposable {
  readonly metrics: SummedMetrics;
  readonly #parts: ControlledWorkersParts;
  readonly #joined = new Map<number, Joined>();

  constructor(parts: ControlledWorkersParts) {
    this.#parts = parts;
    this.metrics = new SummedMetrics(parts.registry, parts.clock);
  }

  /** Takes up a worker, in place of an earlier one with that number. It is let go when its end of the channel closes. */
  join(worker: number, port: MessagePort): void {
    this.#joined.get(worker)?.[Symbol.dispose]();
    const joined = this.#open(port);
    this.#joined.set(worker, joined);
    port.on("close", () => {
      joined[Symbol.dispose]();
      if (this.#joined.get(worker) === joined) this.#joined.delete(worker);
    });
  }

  /** What each worker answers within `timeoutMs`. */
  async view(query: unknown, timeoutMs: number): Promise<readonly unknown[]> {
    const answers = await Promise.all([...this.#joined.values()].map(({ views }) => views.ask(query, timeoutMs)));
    return answers.filter((answer) => answer !== undefined);
  }

  [Symbol.dispose](): void {
    for (const joined of this.#joined.values()) joined[Symbol.dispose]();
    this.#joined.clear();
  }

  #open(port: MessagePort): Joined {
    const { interpreterFor, unreachable, health, clock } = this.#parts;
    const send = (message: ToWorker): void => port.postMessage(message);
    const binder = new Binder({
      interpreterFor,
      unreachable,
      send: (batch) => send({ part: "naming", body: batch }),
    });
    const desk = new HealthDesk(health, (batch) => send({ part: "health", body: batch }));
    const metrics = this.metrics.worker();
    const views = new ViewAsker(clock, (seq, query) => send({ part: "view", seq, query }));
    port.on("message", (message: ToControl) => {
      if (message.part === "naming") binder.hear(message.body);
      else if (message.part === "health") desk.hear(message.body);
      else if (message.part === "view") views.hear(message.seq, message.view);
      else {
        const freed = metrics.hear(message.body);
        if (freed.length > 0) send({ part: "metrics", freed });
      }
    });
    let isOpen = true;
    const close = (): void => {
      if (!isOpen) return;
      isOpen = false;
      binder[Symbol.dispose]();
      desk[Symbol.dispose]();
      views[Symbol.dispose]();
      metrics[Symbol.dispose]();
      port.close();
    };
    return { views, [Symbol.dispose]: close };
  }
}
