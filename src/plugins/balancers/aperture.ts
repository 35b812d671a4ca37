/** `aperture`: of two endpoints drawn from a part of the set, the one with fewer exchanges; the part is as large as the load asks for. */
import { definePlugin, s, type SchemaProblem } from "linkspan/plugin";
import { Arc } from "./arc.ts";
import type { Choice } from "./choice.ts";
import { LeastLoaded } from "./least-loaded.ts";
import { BandLoad } from "./load-band.ts";
import { commonKeys } from "./options.ts";
import { WeightGroups } from "./weight-groups.ts";
import { Window } from "./window.ts";

const subset = s.optional(
  s.object(
    {
      instance: s.integer({ min: 0, doc: "The number of this router among them, from 0." }),
      of: s.integer({ min: 1, doc: "How many routers share the endpoints." }),
    },
    {
      doc: "Takes a part by this router's number among its equals, so that all of them together use every endpoint alike; the load does not change it.",
      check: ({ instance, of }): readonly SchemaProblem[] =>
        instance < of ? [] : [{ at: ["instance"], message: "`instance` counts from 0", expected: `0 to ${of - 1}` }],
    },
  ),
);

export default definePlugin({
  api: 1,
  family: "balancer",
  kind: "aperture",
  schema: s.object(
    {
      ...commonKeys,
      smoothWindowMs: s.integer({
        min: 1,
        default: 5_000,
        doc: "In this time an old load loses all but 1/e of its weight.",
      }),
      lowLoad: s.number({ min: 0, default: 0.5, doc: "With so many exchanges for each endpoint the part shrinks." }),
      highLoad: s.number({ min: 0, default: 2, doc: "With so many exchanges for each endpoint the part grows." }),
      minAperture: s.integer({ min: 1, default: 1, doc: "How many endpoints it has at least." }),
      subset,
    },
    {
      check: ({ lowLoad, highLoad }): readonly SchemaProblem[] =>
        lowLoad < highLoad ? [] : [{ at: ["lowLoad"], message: "`lowLoad` is not below `highLoad`" }],
    },
  ),
  create(config, { random }) {
    const { subset, minAperture } = config;
    const newChoice = (): Choice =>
      subset === undefined ? new Window(config, random) : new Arc({ ...subset, minAperture }, random);
    const newLoad = (): BandLoad | LeastLoaded => (subset === undefined ? new BandLoad() : new LeastLoaded());
    const parts = { random, newLoad, newChoice };
    return { create: () => new WeightGroups(parts) };
  },
});
