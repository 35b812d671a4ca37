/** Leader groups: each name is a node, and stands for the oldest of its members. */
import type { Groups } from "./group-namer.ts";
import { leaderNodes, leaderReader } from "./leader-reader.ts";
import { nodePathOf } from "./node-names.ts";

export const leaders: Groups<string> = {
  kind: leaderNodes,
  least: 1,
  placeOf(id) {
    const path = nodePathOf(id);
    return path === undefined ? undefined : { path, reader: leaderReader };
  },
};
