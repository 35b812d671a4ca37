/** Reads everything that stands at a place, after the server has caught up with its leader. */
import type { EntryFormat, ReadEntry } from "./entry-format.ts";
import type { EntrySessions } from "./entry-sessions.ts";
import { markedBy } from "./marked-instance.ts";
import { join } from "./paths.ts";
import { isZkError } from "./zk-error.ts";

export interface PlaceEntry extends ReadEntry {
  /** The session that it goes with; 0 for none. */
  readonly session: bigint;
}

/** By path. Rejects where anything could not be read; what is nobody's mark and makes no sense is left out. */
export async function readPlace(
  place: string,
  format: EntryFormat,
  { control, inFlight }: EntrySessions,
): Promise<ReadonlyMap<string, PlaceEntry>> {
  try {
    await control.sync(place);
    const { children } = await control.getChildren(place);
    const names = children.filter((name) => format.wants(name));
    const read = async (name: string): Promise<readonly [string, PlaceEntry] | undefined> => {
      const found = await inFlight.run(() => control.getData(join(place, name))).catch(undefinedWhereMissing);
      const entry = found && readEntry(format, found.data, name);
      return entry && [join(place, name), { ...entry, session: found.stat.ephemeralOwner }];
    };
    const entries = await Promise.all(names.map(read));
    return new Map(entries.filter((entry) => entry !== undefined));
  } catch (error) {
    return undefinedWhereMissing(error) ?? new Map();
  }
}

/** For `catch`: a node that went meanwhile is not there, and any other error is one. */
export function undefinedWhereMissing(error: unknown): undefined {
  if (!isZkError(error, "NO_NODE")) throw error;
}

/** An entry of an announcer that cannot be read is one nevertheless, so that it can be removed. */
function readEntry(format: EntryFormat, data: Buffer, name: string): ReadEntry | undefined {
  try {
    return format.read(data, name);
  } catch {
    const mark = format.markIn(name);
    return mark && { mark, instance: { ...markedBy(mark), host: "", weight: 1, ready: false } };
  }
}
