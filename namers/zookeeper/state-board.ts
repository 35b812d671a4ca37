/** Where a session's state is shown, and told to who asked. */
import type { Log } from "linkspan/plugin";
import type { SessionState } from "./session-state.ts";

/** Who is told of the state. */
export interface StateFollower {
  stateChanged(state: SessionState): void;
}

export class StateBoard {
  readonly #log: Log;
  readonly #followers = new Set<StateFollower>();
  #state: SessionState = { tag: "idle" };

  constructor(log: Log) {
    this.#log = log;
  }

  get state(): SessionState {
    return this.#state;
  }

  /** Calls `listener` with the state, then after every change, until disposed. */
  observe(listener: (state: SessionState) => void): Disposable {
    const follower: StateFollower = { stateChanged: listener };
    this.join(follower);
    return { [Symbol.dispose]: () => this.leave(follower) };
  }

  /** Tells the follower the state, then every change, until it leaves. */
  join(follower: StateFollower): void {
    this.#followers.add(follower);
    this.#tell(follower);
  }

  leave(follower: StateFollower): void {
    this.#followers.delete(follower);
  }

  publish(state: SessionState): void {
    if (isSame(this.#state, state)) return;
    this.#state = state;
    for (const follower of Array.from(this.#followers)) if (this.#followers.has(follower)) this.#tell(follower);
  }

  clear(): void {
    this.#followers.clear();
  }

  #tell(follower: StateFollower): void {
    try {
      follower.stateChanged(this.#state);
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
