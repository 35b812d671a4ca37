/** `heap`: the endpoint with the fewest exchanges of all. */
import { definePlugin, s } from "linkspan/plugin";
import { HeapLoad, LoadHeap } from "./load-heap.ts";
import { commonKeys } from "./options.ts";
import { WeightGroups } from "./weight-groups.ts";

export default definePlugin({
  api: 1,
  family: "balancer",
  kind: "heap",
  schema: s.object(commonKeys),
  create(_config, { random }) {
    const newLoad = (): HeapLoad => new HeapLoad();
    const newChoice = (): LoadHeap => new LoadHeap(random);
    const parts = { random, newLoad, newChoice };
    return { create: () => new WeightGroups(parts) };
  },
});
