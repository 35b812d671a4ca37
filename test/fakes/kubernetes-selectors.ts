/** Label and field selectors as an API server understands them. */
import type { KubeObject } from "../servers/kubernetes-admin.ts";

export type Selector = (object: KubeObject) => boolean;

/** Of the query of a list or watch, within `namespace` where one is said. */
export function selectorOf(query: URLSearchParams, namespace: string | undefined): Selector {
  const labels = requirements(query.get("labelSelector") ?? "").map(labelRequirement);
  const fields = requirements(query.get("fieldSelector") ?? "").map(fieldRequirement);
  return (object) =>
    (namespace === undefined || object.metadata.namespace === namespace) &&
    labels.every((holds) => holds(object)) &&
    fields.every((holds) => holds(object));
}

/** Commas part them, except within the parentheses of a set. */
const requirements = (text: string): readonly string[] =>
  text
    .split(/,(?![^(]*\))/)
    .map((each) => each.trim())
    .filter((each) => each !== "");

function labelRequirement(text: string): Selector {
  const [, key = "", not, set] = /^(\S+)\s+(not)?in\s*\((.*)\)$/.exec(text.replace("notin", "notin ")) ?? [];
  if (set !== undefined) {
    const values = new Set(set.split(",").map((each) => each.trim()));
    return (object) => values.has(labelOf(object, key) ?? "") !== (not !== undefined);
  }
  const [, name = "", operator, value] = /^([^!=]+?)(==?|!=)(.*)$/.exec(text) ?? [];
  if (operator === "!=") return (object) => labelOf(object, name) !== value;
  if (operator !== undefined) return (object) => labelOf(object, name) === value;
  if (text.startsWith("!")) return (object) => labelOf(object, text.slice(1)) === undefined;
  return (object) => labelOf(object, text) !== undefined;
}

function fieldRequirement(text: string): Selector {
  const [, path = "", operator, value] = /^([\w.]+)(==?|!=)(.*)$/.exec(text) ?? [];
  return (object) => (fieldOf(object, path) === value) === (operator !== "!=");
}

const labelOf = (object: KubeObject, key: string): string | undefined => object.metadata.labels?.[key];

function fieldOf(object: KubeObject, path: string): string {
  const found = path
    .split(".")
    .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], object);
  return typeof found === "string" ? found : "";
}
