/** A worker's part of a reload: opens what another configuration wants, and swaps when it is told to. */
import type { DataHalf } from "./data-linker.ts";
import { placesIn } from "./listen-plan.ts";
import type { PreparedData } from "./live-data.ts";
import { StackKeys } from "./stack-keys.ts";
import type { Parent } from "./threads/parent.ts";
import { describeError } from "./threads/parent.ts";
import type { WorkerStep } from "./threads/protocol.ts";
import { meaningIn, type ThreadWorld } from "./thread-world.ts";

export interface WorkerStepsParts {
  readonly data: DataHalf;
  readonly thread: ThreadWorld;
  readonly baseDir: string;
  readonly parent: Pick<Parent<unknown>, "say">;
}

interface Prepared {
  readonly step: WorkerStep;
  readonly data: PreparedData;
}

/** One at a time: `prepare` of a step is followed by its `commit` or its `cancel`, which may come while it prepares. */
export class WorkerSteps {
  readonly #parts: WorkerStepsParts;
  #under: Promise<Prepared | undefined> = Promise.resolve(undefined);
  #prepared: Prepared | undefined;

  constructor(parts: WorkerStepsParts) {
    this.#parts = parts;
  }

  async prepare(step: WorkerStep): Promise<void> {
    const { parent } = this.#parts;
    const { revision } = step;
    this.#under = this.#open(step).catch((error: unknown) => {
      parent.say({ type: "unprepared", revision, error: describeError(error) });
      return undefined;
    });
    this.#prepared = await this.#under;
    const servers = this.#prepared?.data.servers.map(({ router, host, port, fds }) => ({ router, host, port, fds }));
    if (servers !== undefined) parent.say({ type: "prepared", revision, servers });
  }

  commit(revision: number): void {
    const prepared = this.#prepared;
    const { thread, parent } = this.#parts;
    if (prepared?.step.revision !== revision) return;
    this.#prepared = undefined;
    thread.setLogLevel(prepared.step.logLevel);
    const retired = prepared.data.commit();
    void retired.then(() => parent.say({ type: "retired", revision })).catch(thread.bug);
  }

  async cancel(revision: number): Promise<void> {
    const prepared = await this.#under;
    if (prepared?.step.revision !== revision) return;
    this.#prepared = undefined;
    await prepared.data.cancel().catch(this.#parts.thread.bug);
  }

  async #open(step: WorkerStep): Promise<Prepared> {
    const { data, baseDir } = this.#parts;
    const config = await meaningIn({ source: step.source, baseDir });
    const placesOf = placesIn(config, step.listen);
    return { step, data: await data.prepare({ config, keys: new StackKeys(step.keys), placesOf }) };
  }
}
