/** What may be said of the choice of an endpoint, whatever kind of balancer makes it. */
import { PluginField } from "./plugin-field.ts";
import type { Registry } from "./registry.ts";
import { s } from "./schema.ts";

export const localityField = s.object(
  {
    minOpen: s.integer({ min: 1, default: 2, doc: "So many of the zone's endpoints must be open." }),
    share: s.number({ min: 0, max: 1, default: 0.7, doc: "And such a share of them." }),
  },
  { doc: "Endpoints of the own zone only, while enough of them are open; else all." },
);

const fieldName = s.text(
  {
    expected: "the name of a header, such as x-user",
    parse(text: string): string {
      // RFC 9110 §5.6.2.
      if (!/^[-!#$%&'*+.^_`|~0-9A-Za-z]+$/.test(text))
        throw new Error(`${JSON.stringify(text)} is no name of a header`);
      return text.toLowerCase();
    },
  },
  { doc: "Requests with the same value in this header go to the same endpoint; without it the balancer decides." },
);

export const stickyField = s.object({ header: fieldName }, { doc: "Keeps callers with the endpoint that they had." });

const enableProbation = s.idle(
  s.boolean({ default: false }),
  "an address that leaves its registry gets no more requests, and the guard holds back the loss of many",
);

const common = {
  enableProbation,
  slowStartMs: s.integer({
    min: 0,
    default: 0,
    doc: "How long the share of a new endpoint grows, from a tenth on; 0 for not at all.",
  }),
  locality: s.optional(localityField),
  panicThreshold: s.number({
    min: 0,
    max: 1,
    default: 0,
    doc: "With a smaller share of open endpoints than this all are used.",
  }),
};
const keys = [...Object.keys(common), "sticky"];
const options = { default: { kind: "p2c" }, doc: "Chooses an endpoint." };

export function requestBalancer(registry: Registry) {
  const own = s.object({ ...common, sticky: s.optional(stickyField) });
  return new PluginField(registry, "balancer", own, keys, options);
}

/** Connections have no headers. */
export function connectionBalancer(registry: Registry) {
  const own = s.object(common, { refused: { sticky: "`sticky` is for requests; a TCP router has none" } });
  return new PluginField(registry, "balancer", own, keys, options);
}
