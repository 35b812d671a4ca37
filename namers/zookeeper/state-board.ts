/** Where a session's state is shown, and told to who asked. */
import type { Log } from "linkspan/plugin";
import type { SessionState } from "./session-state.ts";

export class StateBoard {
  readonly #log: Log;
  readonly #listeners = new Set<(state: SessionState) => void>();
  #state: SessionState = { tag: "idle" };

  constructor(log: Log) {
    this.#log = log;
  }

  get state(): SessionState {
    return this.#state;
  }

  /** Calls `listener` with the state, then after every change, until disposed. */
  observe(listener: (state: SessionState) => void): Disposable {
    const own = (state: SessionState): void => listener(state);
    this.#listeners.add(own);
    this.#tell(own);
    return { [Symbol.dispose]: () => this.#listeners.delete(own) };
  }

  publish(state: SessionState): void {
    if (isSame(this.#state, state)) return;
    this.#state = state;
    for (const listener of Array.from(this.#listeners)) if (this.#listeners.has(listener)) this.#tell(listener);
  }

  clear(): void {
    this.#listeners.clear();
  }

  #tell(listener: (state: SessionState) => void): void {
    try {
      listener(this.#state);
    } catch (error) {
      this.#log.error("bug", { where: "zookeeper.state", message: String(error) });
    }
  }
}

/** The same trouble again is no news. */
function isSame(a: SessionState, b: SessionState): boolean {
  if (a.tag !== b.tag || a.tag === "connected") return false;
  const cause = (state: SessionState): string | undefined => ("cause" in state ? state.cause?.message : undefined);
  return cause(a) === cause(b);
}
