/** A name as people ask about it. */
import { Path } from "./path.ts";

/** A logical name where it begins with a slash, else a host under `dstPrefix`. Throws a ParseError. */
export function readAskedName(name: string, dstPrefix: Path): Path {
  return name.startsWith("/") ? Path.read(name) : dstPrefix.concat(Path.of(name.toLowerCase()));
}
