/** Reads what belongs to one Service on connections that are newer than the question. */
import type { Clock } from "linkspan/plugin";
import type { ApiAccess, OpenAccess } from "./api-access.ts";
import { ApiError } from "./api-error.ts";
import { onlyOf } from "./api-place.ts";
import { listAll } from "./list.ts";
import type { Resource } from "./object-store.ts";

/** Questions that are asked while one is being answered share its connections, which are newer than the loss they ask about. */
export class FreshReader implements AsyncDisposable {
  readonly #open: OpenAccess;
  readonly #clock: Clock;
  #access: ApiAccess | undefined;
  #users = 0;
  #closing: Promise<void> = Promise.resolve();

  constructor(open: OpenAccess, clock: Clock) {
    this.#open = open;
    this.#clock = clock;
  }

  /** Of the first resource that the API server has; all that stands there where no Service is said. Rejects where it cannot be asked. */
  async read<T>(
    resources: readonly Resource<T>[],
    service: string | undefined,
    signal: AbortSignal,
  ): Promise<readonly T[]> {
    const access = this.#join();
    try {
      let missing: unknown;
      for (const resource of resources) {
        try {
          return await this.#readOne(access, resource, service, signal);
        } catch (error) {
          if (!(error instanceof ApiError) || error.status !== 404) throw error;
          missing ??= error;
        }
      }
      throw missing;
    } finally {
      this.#leave();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end();
    await this.#closing;
  }

  async #readOne<T>(
    access: ApiAccess,
    resource: Resource<T>,
    service: string | undefined,
    signal: AbortSignal,
  ): Promise<T[]> {
    let found: T[] = [];
    await listAll({
      access,
      place: service === undefined ? resource.place : onlyOf(resource.place, service),
      clock: this.#clock,
      signal,
      begin: () => void (found = []),
      each: (object) => {
        const kept = keptOf(resource, object);
        if (kept !== undefined) found.push(kept);
      },
    });
    return found;
  }

  #join(): ApiAccess {
    this.#users++;
    this.#access ??= this.#open();
    return this.#access;
  }

  #leave(): void {
    if (--this.#users === 0) this.#end();
  }

  #end(): void {
    const access = this.#access;
    this.#access = undefined;
    if (access) this.#closing = Promise.all([this.#closing, access[Symbol.asyncDispose]()]).then(() => undefined);
  }
}

/** What cannot be read is left out, here as in a watch. */
function keptOf<T>(resource: Resource<T>, object: Parameters<Resource<T>["keep"]>[0]): T | undefined {
  try {
    return resource.keep(object);
  } catch {
    return undefined;
  }
}
