/** One application of Marathon: whether it is on the list, and while it is, its tasks. */
import {
  type Clock,
  followService,
  type Random,
  type ServiceListener,
  type ServiceReading,
  type ServiceSource,
  type State,
  type Var,
} from "linkspan/plugin";
import { readAppIds, readTasks } from "./apps.ts";
import type { MarathonClient } from "./client.ts";

export interface AppSourceOptions {
  readonly client: MarathonClient;
  /** Without the slash before it. */
  readonly id: string;
  /** The ids of all applications. */
  readonly apps: Var<ReadonlySet<string>>;
  readonly useHealthCheck: boolean;
  readonly pause: (signal: AbortSignal) => Promise<void>;
  readonly clock: Clock;
  readonly random: Random;
}

export const APPS = "/v2/apps";

export class AppSource implements ServiceSource {
  readonly #options: AppSourceOptions;
  readonly #path: string;

  constructor(options: AppSourceOptions) {
    this.#options = options;
    this.#path = `${APPS}/${options.id.split("/").map(encodeURIComponent).join("/")}?embed=app.tasks`;
  }

  /** That it is gone is for the list to say: an answer that there is no such application may only be early or late. */
  follow(listener: ServiceListener): Disposable {
    const { apps, id } = this.#options;
    let polling: Disposable | undefined;
    const listed = (state: State<ReadonlySet<string>>): void => {
      if (state.tag === "pending") return;
      const trouble = state.tag === "failed" ? state.cause : state.stale?.cause;
      if (trouble !== undefined) return listener.failed(trouble);
      if (state.tag === "ok" && state.value.has(id)) polling ??= this.#poll(listener);
      else {
        polling?.[Symbol.dispose]();
        polling = undefined;
        listener.heard({ members: undefined });
      }
    };
    const subscription = apps.observe(listed);
    return {
      [Symbol.dispose]: () => {
        subscription[Symbol.dispose]();
        polling?.[Symbol.dispose]();
      },
    };
  }

  async confirm(signal: AbortSignal): Promise<ServiceReading> {
    const { client, id, useHealthCheck } = this.#options;
    const ids = readAppIds(await client.getAnew(APPS, signal));
    if (!ids.has(id)) return { members: undefined };
    return readTasks(await client.getAnew(this.#path, signal), useHealthCheck);
  }

  #poll(listener: ServiceListener): Disposable {
    const { client, useHealthCheck, pause, clock, random } = this.#options;
    return followService({
      clock,
      random,
      listener,
      attempt: async (heard, signal) => {
        const value = await client.get(this.#path, signal);
        if (value !== undefined) heard(readTasks(value, useHealthCheck));
        await pause(signal);
      },
    });
  }
}
