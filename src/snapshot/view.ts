/** Views of the watches of a namer, where what is remembered tells more than the namer does, or the namer tells nothing. */
import type { State } from "../base/var.ts";
import type { WatchView } from "../naming/namer.ts";

/** Of a name that was `before` and has this state from `now` (epoch ms) on. */
export function viewOf(name: string, state: State<unknown>, before: WatchView, now: number): WatchView {
  if (state.tag === "pending") return before;
  if (state.tag === "ok") {
    const { stale, held } = state;
    const more = held ? { held } : {};
    if (stale) return { name, state: "stale", since: stale.since, cause: stale.cause.message, ...more };
    return { name, state: held ? "held" : "ok", since: state.confirmedAt ?? now, ...more };
  }
  const cause = state.cause.message;
  const since = before.cause === undefined ? now : (before.since ?? now);
  const wasKnown = before.state === "ok" || before.state === "held" || before.state === "stale";
  return { name, state: wasKnown ? "stale" : "failed", since, cause, ...(before.held ? { held: before.held } : {}) };
}

/** `views` with those of `over` in place of, or beside, their namesakes. */
export function overlaid(views: readonly WatchView[], over: ReadonlyMap<string, WatchView>): readonly WatchView[] {
  if (over.size === 0) return views;
  const rest = new Map(over);
  const merged = views.map((view) => {
    const better = rest.get(view.name);
    if (better === undefined) return view;
    rest.delete(view.name);
    return { ...view, ...better };
  });
  return [...merged, ...rest.values()];
}
