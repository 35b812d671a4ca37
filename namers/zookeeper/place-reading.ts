/** Reads everything that stands at a place, after the server has caught up with its leader. */
import type { Instance } from "linkspan/plugin";
import type { EntryFormat, ReadEntry } from "./entry-format.ts";
import type { EntrySessions } from "./entry-sessions.ts";
import { markedBy } from "./marked-instance.ts";
import { join } from "./paths.ts";
import { isZkError } from "./zk-error.ts";

export interface PlaceEntry extends ReadEntry {
  /** The session that it goes with; 0 for none. */
  readonly session: bigint;
}

/** What is known of a place since it was last read. */
export class PlaceView {
  readonly #place: string;
  readonly #format: EntryFormat;
  readonly #sessions: EntrySessions;
  /** By path, where no name tells them; `undefined` until it was read. */
  #groups: ReadonlyMap<string, string | undefined> | undefined;
  #siblings: readonly Instance[] = [];

  constructor(place: string, format: EntryFormat, sessions: EntrySessions) {
    this.#place = place;
    this.#format = format;
    this.#sessions = sessions;
  }

  get isRead(): boolean {
    return this.#groups !== undefined;
  }

  /** What others than announcers have registered there. */
  get siblings(): readonly Instance[] {
    return this.#siblings;
  }

  async read(): Promise<ReadonlyMap<string, PlaceEntry>> {
    const seen = await readPlace(this.#place, this.#format, this.#sessions);
    this.#siblings = [...seen.values()].filter((each) => each.mark === undefined).map((each) => each.instance);
    const groups = [...seen].map(([path, { mark }]) => [path, mark?.owner.group] as const);
    this.#groups = new Map(this.#format.isMarkedByName ? [] : groups);
    return seen;
  }

  /** Names are never used again for another owner's entry, so what was read once is true. */
  groupOf(path: string): string | undefined {
    if (!path.startsWith(`${this.#place}/`)) return undefined;
    return this.#format.markIn(path.slice(path.lastIndexOf("/") + 1))?.owner.group ?? this.#groups?.get(path);
  }
}

/** By path. Rejects where anything could not be read; what is nobody's mark and makes no sense is left out. */
async function readPlace(
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
