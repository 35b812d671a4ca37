/** Leader groups: each name is a node, and stands for the oldest of its members. */
import type { Groups } from "./group-namer.ts";
import { LeaderReader } from "./leader-reader.ts";
import { nodePathOf } from "./node-names.ts";

export const leaders: Groups = {
  least: 1,
  placeOf(id) {
    const path = nodePathOf(id);
    return path === undefined ? undefined : { path, newReader: () => new LeaderReader() };
  },
};
