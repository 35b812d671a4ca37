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
  readonly timer: Disposable;
  looks: number;
  isOld: boolean;
}

export class FreshLooks implements AsyncDisposable {
  readonly #open: () => Promise<Namer>;
  readonly #clock: Clock;
  #opened: Opened | undefined;
  /** Looks, and the ends of namers. */
  readonly #underWay = new Set<Promise<unknown>>();

  /** `open` makes a namer like the one whose answers are doubted. */
  constructor(open: () => Promise<Namer>, clock: Clock) {
    this.#open = open;
    this.#clock = clock;
  }

  /** The addresses of the id, or `undefined` when there is no such id. Rejects when the registry gives no answer. */
  look(id: Path, signal: AbortSignal): Promise<AddressSet | undefined> {
    return this.#tracked(this.#look(id, signal));
  }

  /** Looks should be given up before: it waits for them. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#opened !== undefined) this.#grow(this.#opened);
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
  }

  #tracked<T>(work: Promise<T>): Promise<T> {
    this.#underWay.add(work);
    const over = (): void => void this.#underWay.delete(work);
    work.then(over, over);
    return work;
  }

  async #look(id: Path, signal: AbortSignal): Promise<AddressSet | undefined> {
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

  #take(): Opened {
    const opened = (this.#opened ??= this.#openNew());
    opened.looks++;
    return opened;
  }

  #openNew(): Opened {
    const timer = this.#clock.timer(SHARED_MS, () => this.#grow(opened));
    const opened: Opened = { namer: this.#open(), timer, looks: 0, isOld: false };
    opened.namer.catch(() => this.#grow(opened));
    return opened;
  }

  #grow(opened: Opened): void {
    if (opened.isOld) return;
    if (this.#opened === opened) this.#opened = undefined;
    opened.isOld = true;
    opened.timer[Symbol.dispose]();
    this.#leave(opened);
  }

  #leave(opened: Opened): void {
    if (opened.looks > 0) return;
    void this.#tracked(opened.namer.then((namer) => namer[Symbol.asyncDispose]())).catch(() => undefined);
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
