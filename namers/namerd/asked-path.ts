/** What a namerd is asked for, as a path: a logical name together with a dtab, or a bound id. */
import { type Dtab, Path } from "linkspan/plugin";

export interface AskedName {
  readonly dtab: string;
  readonly name: Path;
}

const PLAIN = "name";
const WITH_DTAB = "dtab:";

/** `/name/svc/users`; with a dtab that stands in the place of `name`. */
export function pathOf(dtab: Dtab, name: Path): Path {
  return Path.of(dtab.size === 0 ? PLAIN : `${WITH_DTAB}${dtab.show}`).concat(name);
}

/** What `pathOf` made it of; `undefined` of an id, such as `/#/io.l5d.fs/users`. */
export function askedName(path: Path): AskedName | undefined {
  const first = path.elems[0] ?? "";
  if (first === PLAIN) return { dtab: "", name: path.drop(1) };
  return first.startsWith(WITH_DTAB) ? { dtab: first.slice(WITH_DTAB.length), name: path.drop(1) } : undefined;
}
