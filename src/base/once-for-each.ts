/** A function that is not called twice in a row for the same. */

/** `f`, not called again for the value it was called for last: a change of staleness alone makes nothing new. */
export function onceForEach<T, U>(f: (value: T) => U): (value: T) => U {
  let last: { readonly of: T; readonly made: U } | undefined;
  return (value) => {
    if (!last || !Object.is(last.of, value)) last = { of: value, made: f(value) };
    return last.made;
  };
}
