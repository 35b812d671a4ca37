/** Finds the places below a node at which a group has entries, whoever announced there. */
import { Path } from "linkspan/plugin";
import type { EntryFormat } from "./entry-format.ts";
import type { EntrySessions } from "./entry-sessions.ts";
import { elementOf } from "./node-names.ts";
import { join } from "./paths.ts";
import { undefinedWhereMissing } from "./place-reading.ts";

/** Nobody's services are deeper than this, and a tree that we know nothing of must have an end. */
const MOST_LEVELS = 8;
const MOST_NODES = 100_000;

type Names = readonly string[];

interface Look {
  readonly isOwned: boolean;
  /** The children that may be places themselves. */
  readonly below: readonly Names[];
}

/** Rejects where anything could not be read. */
export async function ownedPlaces(
  group: string,
  base: string,
  format: EntryFormat,
  sessions: EntrySessions,
): Promise<readonly Path[]> {
  await sessions.control.sync(base);
  const found: Path[] = [];
  let level: readonly Names[] = [[]];
  let nodes = 0;
  for (let depth = 0; depth < MOST_LEVELS && level.length > 0; depth++) {
    const looks = await Promise.all(level.map((names) => look(names, { group, base, format, sessions })));
    for (const [at, { isOwned }] of looks.entries()) {
      if (isOwned) found.push(Path.from((level[at] ?? []).map(elementOf)));
    }
    level = looks.flatMap((each) => each.below);
    nodes += level.length;
    if (nodes > MOST_NODES) throw new Error(`there are more than ${MOST_NODES} nodes below ${base}`);
  }
  return found;
}

interface Search {
  readonly group: string;
  readonly base: string;
  readonly format: EntryFormat;
  readonly sessions: EntrySessions;
}

async function look(names: Names, { group, base, format, sessions }: Search): Promise<Look> {
  const { control, inFlight } = sessions;
  const path = names.reduce(join, base);
  const found = await inFlight.run(() => control.getChildren(path)).catch(undefinedWhereMissing);
  const children = found?.children ?? [];
  const isEntry = (name: string): boolean =>
    format.isMarkedByName ? format.markIn(name) !== undefined : format.wants(name);
  const groupOf = async (name: string): Promise<string | undefined> => {
    if (format.isMarkedByName) return format.markIn(name)?.owner.group;
    const read = await inFlight.run(() => control.getData(join(path, name))).catch(undefinedWhereMissing);
    return read && markIn(format, read.data, name)?.owner.group;
  };
  const groups = await Promise.all(children.filter(isEntry).map(groupOf));
  const below = children.filter((name) => !isEntry(name)).map((name) => [...names, name]);
  return { isOwned: groups.includes(group), below };
}

function markIn(format: EntryFormat, data: Buffer, name: string) {
  try {
    return format.read(data, name).mark;
  } catch {
    // Nobody's entry is not ours.
    return undefined;
  }
}
