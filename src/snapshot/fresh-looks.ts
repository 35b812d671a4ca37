/** Second looks at a bound id on a connection that no watch uses: by a namer of their own, opened for that. */
import type { AddressSet } from "../base/address.ts";
import type { Clock } from "../base/time.ts";
import { type State, Var } from "../base/var.ts";
import { leaves } from "../naming/name-tree.ts";
import type { Namer } from "../naming/namer.ts";
import type { Path } from "../naming/path.ts";

/** How long one namer is used for looks that follow each other: not so long that its connection is fresh no more. */
const SHARED_MS = 5_000;

interface Opened {
  readonly namer: Promise<Namer>;
  looks: number;
  isOld: boolean;
}

export class FreshLooks implements AsyncDisposable {
  readonly #open: () => Promise<Namer>;
  readonly #clock: Clock;
  #opened: Opened | undefined;
  readonly #closing = new Set<Promise<void>>();

  /** `open` makes a namer like the one whose answers are doubted. */
  constructor(open: () => Promise<Namer>, clock: Clock) {
    this.#open = open;
    this.#clock = clock;
  }

  /** The addresses of the id, or `undefined` when there is no such id. Rejects when the registry gives no answer. */
  async look(id: Path, signal: AbortSignal): Promise<AddressSet | undefined> {
    const opened = this.#take();
    try {
      const namer = await opened.namer;
      signal.throwIfAborted();
      const nobody = Var.of<AddressSet | undefined>(undefined);
      const addresses = namer.lookup(id).flatMap<AddressSet | undefined>((tree) => {
        const found = leaves(tree).find((name) => name.kind === "bound" && name.id.equals(id));
        return found?.kind === "bound" ? found.addresses.map((set) => set) : nobody;
      });
      return await firstGood(addresses, signal);
    } finally {
      opened.looks--;
      if (opened.isOld) this.#leave(opened);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#opened !== undefined) this.#grow(this.#opened);
    await Promise.all(this.#closing);
  }

  #take(): Opened {
    const known = this.#opened;
    const opened = known ?? { namer: this.#open(), looks: 0, isOld: false };
    opened.looks++;
    if (known !== undefined) return opened;
    this.#opened = opened;
    const timer = this.#clock.timer(SHARED_MS, () => this.#grow(opened));
    opened.namer.catch(() => {
      timer[Symbol.dispose]();
      this.#grow(opened);
    });
    return opened;
  }

  #grow(opened: Opened): void {
    if (this.#opened === opened) this.#opened = undefined;
    opened.isOld = true;
    this.#leave(opened);
  }

  #leave(opened: Opened): void {
    if (opened.looks > 0) return;
    const closed = opened.namer
      .then((namer) => namer[Symbol.asyncDispose]())
      .catch(() => undefined)
      .finally(() => this.#closing.delete(closed));
    this.#closing.add(closed);
  }
}

/** The first value that its source has confirmed. */
function firstGood<T>(of: Var<T>, signal: AbortSignal): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const hear = (state: State<T>): void => {
    if (state.tag === "failed") reject(state.cause);
    else if (state.tag === "ok" && state.stale) reject(state.stale.cause);
    else if (state.tag === "ok") resolve(state.value);
  };
  const observed = of.observe(hear);
  const aborted = (): void => reject(signal.reason as Error);
  signal.addEventListener("abort", aborted, { once: true });
  return promise.finally(() => {
    signal.removeEventListener("abort", aborted);
    observed[Symbol.dispose]();
  });
}
