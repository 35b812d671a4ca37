/** What an entry's mark says of the instance that it was made of. */
import type { EntryMark, Instance, Origin } from "linkspan/plugin";

/** Where nothing is said, as of a server that announces itself, the instance is at home where the entry stands. */
export const NO_ORIGIN: Origin = { registry: "", cluster: "" };

/** The fields of an instance that a mark decides. */
export function markedBy(mark: EntryMark): Pick<Instance, "id" | "origin"> {
  const { id, origin } = mark;
  return { id, ...(origin.registry === "" ? {} : { origin }) };
}
