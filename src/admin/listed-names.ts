/** The bound names that namers can list, as far as they do so in time. */
import type { Clock } from "../base/time.ts";
import type { Namer } from "../naming/namer.ts";
import type { Path } from "../naming/path.ts";

export interface ListingNamer {
  readonly prefix: Path;
  readonly namer: Pick<Namer, "names">;
}

const TIMEOUT_MS = 1_000;

/** Each as `/#/prefix/name`, sorted. */
export async function listedNames(namers: readonly ListingNamer[], clock: Clock): Promise<readonly string[]> {
  const lists = await Promise.all(namers.map((each) => namesOf(each, clock)));
  return [...new Set(lists.flat())].sort();
}

function namesOf({ prefix, namer }: ListingNamer, clock: Clock): Promise<readonly string[]> {
  const names = namer.names?.();
  if (names === undefined) return Promise.resolve([]);
  const { promise, resolve } = Promise.withResolvers<readonly string[]>();
  const open = new DisposableStack();
  open.use(clock.timer(TIMEOUT_MS, () => resolve([])));
  open.use(
    names.observe((state) => {
      if (state.tag === "ok") resolve(state.value.map((name) => `/#${prefix.show}${name.show}`));
      else if (state.tag === "failed") resolve([]);
    }),
  );
  return promise.finally(() => open.dispose());
}
