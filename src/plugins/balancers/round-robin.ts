/** `roundRobin`: one endpoint after the other. */
import { definePlugin, s } from "linkspan/plugin";
import { LeastLoaded } from "./least-loaded.ts";
import { commonKeys } from "./options.ts";
import { Rotation } from "./rotation.ts";
import { WeightGroups } from "./weight-groups.ts";

export default definePlugin({
  api: 1,
  family: "balancer",
  kind: "roundRobin",
  schema: s.object(commonKeys),
  create(_config, { random }) {
    const newLoad = (): LeastLoaded => new LeastLoaded();
    const parts = { random, newLoad, newChoice: () => new Rotation() };
    return { create: () => new WeightGroups(parts) };
  },
});
