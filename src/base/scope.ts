/** The one thing that everything opened is owned by. */

type Resource = Disposable | AsyncDisposable;

/** Closes what it owns in reverse order. Give resources to it before the next statement that can throw. */
export class Scope implements AsyncDisposable {
  readonly #owned: Resource[] = [];
  #closing: Promise<void> | undefined;
  #hasBegun = false;
  /** Made for who asks for the signal: few do, and there are many scopes. */
  #abort: AbortController | undefined;

  /** Aborts when the scope begins to close. */
  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      if (this.#hasBegun) this.#abort.abort(closed());
    }
    return this.#abort.signal;
  }

  /** Takes ownership. On a scope that is closing already the resource is closed at once. */
  own<T extends Resource>(resource: T): T {
    if (this.#closing) void closeOne(resource).catch(() => undefined);
    else this.#owned.push(resource);
    return resource;
  }

  /** Runs `fn` when the scope closes. */
  defer(fn: () => void | Promise<void>): void {
    this.own(new Deferred(fn));
  }

  /** A scope that closes with this one, or before it. */
  child(): Scope {
    const child = new Scope();
    this.own(child);
    child.defer(() => this.#forget(child));
    return child;
  }

  #forget(resource: Resource): void {
    const at = this.#owned.lastIndexOf(resource);
    if (at >= 0) this.#owned.splice(at, 1);
  }

  /**
   * Closes everything in reverse order, every one tried; a resource that is not closed when `deadline` aborts is left
   * to itself. Idempotent. Rejects with an AggregateError of what failed.
   */
  close(deadline?: AbortSignal): Promise<void> {
    this.#closing ??= this.#closeAll(deadline);
    return this.#closing;
  }

  async #closeAll(deadline: AbortSignal | undefined): Promise<void> {
    this.#hasBegun = true;
    this.#abort?.abort(closed());
    const errors: unknown[] = [];
    for (let resource = this.#owned.pop(); resource; resource = this.#owned.pop()) {
      try {
        await withDeadline(closeOne(resource, deadline), deadline);
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, "not everything could be closed");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

const closed = (): Error => new Error("scope closed");

/** A class of its own, because scopes hold thousands of them, and an object with a function in it is four objects. */
class Deferred implements AsyncDisposable {
  readonly #fn: () => void | Promise<void>;

  constructor(fn: () => void | Promise<void>) {
    this.#fn = fn;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    return this.#fn();
  }
}

async function closeOne(resource: Resource, deadline?: AbortSignal): Promise<void> {
  if (resource instanceof Scope) await resource.close(deadline);
  else if (Symbol.asyncDispose in resource) await resource[Symbol.asyncDispose]();
  else resource[Symbol.dispose]();
}

function withDeadline(work: Promise<void>, deadline: AbortSignal | undefined): Promise<void> {
  if (!deadline) return work;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const late = (): void => reject(new Error("not closed by the deadline"));
  if (deadline.aborted) late();
  deadline.addEventListener("abort", late, { once: true });
  work.then(resolve, reject).finally(() => deadline.removeEventListener("abort", late));
  return promise;
}
