/** A value that changes over time: lazy, counted, and unable to lose its last good value. */
import { Cell } from "./cell.ts";
import { Constant } from "./constant.ts";
import { Picked } from "./picked.ts";
import { ok, orFailed, pending, type Start, type State, type Var as VarOfState, type VarOptions } from "./state.ts";

export {
  failed,
  type Held,
  type Ok,
  ok,
  pending,
  type Stale,
  type State,
  type VarOptions,
  withTrouble,
} from "./state.ts";

export type Var<T> = VarOfState<T>;

export const Var: {
  of<T>(value: T): Var<T>;
  /** `start` runs while the Var is observed. It may call `set` at any time until it is ended; later calls are not heard. */
  source<T>(start: Start<T>, options?: VarOptions<T>): Var<T>;
  /** `f` sees every state, and says itself what trouble means for the whole. */
  combine<T, U>(vars: readonly Var<T>[], f: (states: readonly State<T>[]) => State<U>, options?: VarOptions<U>): Var<U>;
  /** What `pick` finds in each value: where that is `undefined`, the last that it found stays. */
  picked<T, U>(source: Var<T>, pick: (value: T) => U | undefined, options?: VarOptions<U>): Var<U>;
  /** Splits existence from content: the outer Var changes only when the value appears or vanishes. */
  presence<T>(v: Var<T | undefined>): Var<Var<T> | undefined>;
} = {
  of: (value) => new Constant(ok(value)),
  source: (start, options) => new Cell(start, options),
  combine,
  picked,
  presence,
};

function combine<T, U>(
  vars: readonly Var<T>[],
  f: (states: readonly State<T>[]) => State<U>,
  options?: VarOptions<U>,
): Var<U> {
  const start: Start<U> = (set) => {
    const states: State<T>[] = vars.map(() => pending);
    let begun = 0;
    const subscriptions = vars.map((each, at) =>
      each.observe((state) => {
        begun = Math.max(begun, at + 1);
        states[at] = state;
        // Until the last one has spoken once there is no whole picture to publish.
        if (begun === vars.length) set(orFailed(() => f([...states])));
      }),
    );
    if (vars.length === 0) set(orFailed(() => f([])));
    return { [Symbol.dispose]: () => subscriptions.forEach((each) => each[Symbol.dispose]()) };
  };
  return new Cell<U>(start, options, () => orFailed(() => f(vars.map((each) => each.sample()))));
}

/** A Var ignores `pending` once it has a value: those who still hold the content of what vanished keep the last of it. */
function picked<T, U>(source: Var<T>, pick: (value: T) => U | undefined, options: VarOptions<U> = {}): Var<U> {
  return new Picked(source, pick, options);
}

function presence<T>(source: Var<T | undefined>): Var<Var<T> | undefined> {
  const content = picked<T | undefined, T>(source, (value) => value);
  return source.map((value) => (value === undefined ? undefined : content));
}
