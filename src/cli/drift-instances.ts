/** What a namer lists of a path, as soon as it has answered. */
import type { Instance } from "../base/instance.ts";
import type { State } from "../base/var.ts";
import type { Clock } from "../base/time.ts";
import type { Path } from "../naming/path.ts";
import { UsageError } from "./command.ts";
import type { BridgeRoot } from "./roots.ts";

const PATIENCE_MS = 10_000;

export interface SettledInstances {
  readonly instances: readonly Instance[];
  /** Why they are not known, or not confirmed. */
  readonly trouble?: string;
}

/** Asks from now on, until the root is closed; each call tells what is known by then. Throws UsageError where nobody can list the path. */
export function settledInstances(path: Path, root: BridgeRoot, clock: Clock): () => Promise<SettledInstances> {
  const instances = root.instances(path);
  if (instances === undefined) {
    throw new UsageError(`${path.show}: no namer of the file lists it`, "linkspan drift --help");
  }
  let last: State<readonly Instance[]> | undefined;
  const { promise: known, resolve } = Promise.withResolvers<void>();
  instances.observe((state) => {
    last = state;
    if (state.tag !== "pending") resolve();
  });
  return async () => {
    using _ = clock.timer(PATIENCE_MS, resolve);
    await known;
    if (last?.tag === "failed") return { instances: [], trouble: last.cause.message };
    if (last?.tag !== "ok") return { instances: [], trouble: `${path.show} was not answered` };
    return { instances: last.value, ...(last.stale ? { trouble: last.stale.cause.message } : {}) };
  };
}
