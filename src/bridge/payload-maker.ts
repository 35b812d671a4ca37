/** What entries carry as payload, so that a reader of their siblings can read them too. */
import type { Instance } from "../base/instance.ts";
import type { PayloadRule } from "./mirror-rules.ts";

export type PayloadOf = (instance: Instance) => unknown;

/** Made for one target; `refusal` where its readers could not read what would be written. */
export type PayloadPlan = { readonly payloadOf: PayloadOf } | { readonly refusal: string };

/** Jackson writes the class of a typed payload here, and readers fail on one that they do not have. */
const CLASS = "@class";

/**
 * `siblings` are the live entries that the target's own users wrote, `own` those of the mirror: where no sibling is
 * left, what was copied from one before is copied on.
 */
export function payloadPlan(
  rule: PayloadRule,
  name: string,
  siblings: readonly Instance[],
  own: readonly Instance[],
): PayloadPlan {
  if (rule.kind === "none") return { payloadOf: () => undefined };
  if (rule.kind === "sibling") return siblingPlan(siblings, own);
  const classes = classesOf(siblings);
  const written = classOf(rule.template);
  if (classes.size > 0 && (written === undefined || !classes.has(written))) {
    const known = [...classes].join(", ");
    return { refusal: `its live entries have payloads of ${known}, and the template is ${written ?? "of no class"}` };
  }
  return {
    payloadOf: ({ id, host, port }) => filledIn(rule.template, { id, host, port: String(port ?? ""), name }),
  };
}

function siblingPlan(siblings: readonly Instance[], own: readonly Instance[]): PayloadPlan {
  const classes = classesOf(siblings);
  if (classes.size > 1)
    return { refusal: `its live entries have payloads of more than one class: ${[...classes].join(", ")}` };
  const model = firstWithPayload(siblings) ?? (siblings.length === 0 ? firstWithPayload(own) : undefined);
  if (!model) return { payloadOf: () => undefined };
  return { payloadOf: (instance) => copied(model.payload, model, instance) };
}

/** The same one as long as it is there, in whatever order they come. */
function firstWithPayload(instances: readonly Instance[]): Instance | undefined {
  return instances
    .filter(({ payload }) => payload !== undefined && payload !== null)
    .sort((a, b) => (a.id < b.id ? -1 : 1))[0];
}

const classesOf = (instances: readonly Instance[]): ReadonlySet<string> =>
  new Set(instances.map(({ payload }) => classOf(payload)).filter((name) => name !== undefined));

function classOf(payload: unknown): string | undefined {
  if (typeof payload !== "object" || payload === null || !(CLASS in payload)) return undefined;
  const { [CLASS]: name } = payload;
  return typeof name === "string" ? name : undefined;
}

/** With the instance's own id, host and port where the model has its. */
function copied(payload: unknown, from: Instance, to: Instance): unknown {
  return replaced(payload, (text) => {
    if (text === from.id) return to.id;
    return text === from.host ? to.host : text;
  });
}

function filledIn(template: unknown, values: Readonly<Record<string, string>>): unknown {
  return replaced(template, (text) => text.replaceAll(/\{(\w+)\}/g, (whole, key: string) => values[key] ?? whole));
}

/** `value` with every text in it, but for keys, put through `f`. */
function replaced(value: unknown, f: (text: string) => string): unknown {
  if (typeof value === "string") return f(value);
  if (Array.isArray(value)) return value.map((each: unknown) => replaced(each, f));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, replaced(each, f)]));
}
