/** Asks an election once who leads. */
import type { Election } from "../naming/announcer.ts";

/** Who else leads, once it is known who does; undefined when it is this member. */
export async function otherLeader(election: Election, signal: AbortSignal): Promise<string | undefined> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<string | undefined>();
  const over = (): void => reject(signal.reason as Error);
  signal.addEventListener("abort", over, { once: true });
  const following = election.state.observe((state) => {
    if (state.tag === "failed") return reject(state.cause);
    if (state.tag !== "ok") return;
    if (state.value.leads) resolve(undefined);
    else if (state.value.leader !== undefined) resolve(state.value.leader);
  });
  return promise.finally(() => {
    following[Symbol.dispose]();
    signal.removeEventListener("abort", over);
  });
}
