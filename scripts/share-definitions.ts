/** Moves each part of a JSON Schema that is repeated to `$defs`, so that plugins are not spelt out at every place. */
import type { JsonSchema } from "./json-schema.ts";

/** A shorter part is easier to read where it stands than behind a reference. */
const LEAST_LETTERS = 200;

/** Where a part stands first, by keys and kinds from the outermost, and how many different parts hold it. */
interface Place {
  readonly path: readonly string[];
  uses: number;
}

/** Accepts and refuses what `schema` does. What a use says of itself, description and default, stays with that use. */
export function shareDefinitions(schema: JsonSchema): JsonSchema {
  const places = new Map<string, Place>();
  survey(schema, [], places);
  const shared = [...places].filter(([text, { uses }]) => uses > 1 && text.length >= LEAST_LETTERS);
  const names = shortNames(shared.map(([, { path }]) => path));
  const nameOf = new Map(shared.map(([text], index) => [text, names[index] ?? ""]));
  const refer = (part: JsonSchema): JsonSchema => {
    const { body, ...said } = split(part);
    const name = nameOf.get(JSON.stringify(body));
    return name === undefined ? mapParts(part, refer) : { $ref: `#/$defs/${name}`, ...said };
  };
  const definitions = [...nameOf].map(([text, name]): [string, JsonSchema] => {
    return [name, mapParts(JSON.parse(text) as JsonSchema, refer)];
  });
  definitions.sort(([one], [other]) => (one < other ? -1 : 1));
  return { ...mapParts(schema, refer), $defs: Object.fromEntries(definitions) };
}

/** What a part demands, which may be shared, and what is said of it at one place. */
function split(part: JsonSchema) {
  const { description, default: standard, ...body } = part;
  return {
    body,
    ...(description !== undefined && { description }),
    ...(standard !== undefined && { default: standard }),
  };
}

/** Looks into equal parts once only: what is in a part that is shared needs no definition for that alone. */
function survey(part: JsonSchema, path: readonly string[], places: Map<string, Place>): void {
  const text = JSON.stringify(split(part).body);
  const place = places.get(text);
  if (place !== undefined) {
    place.uses += 1;
    return;
  }
  const here = withKind(path, part);
  places.set(text, { path: here, uses: 1 });
  mapParts(part, (inner, key) => {
    survey(inner, key === undefined ? here : [...here, key], places);
    return inner;
  });
}

/** The key `namers` and the kind `io.l5d.fs` are one step of a path. */
function withKind(path: readonly string[], { properties }: JsonSchema): readonly string[] {
  const kind = properties?.["kind"]?.const ?? properties?.["protocol"]?.const;
  const key = path.at(-1);
  return kind === undefined || key === undefined ? path : [...path.slice(0, -1), `${key}.${kind}`];
}

/** `change` gets the key of what is a property. */
function mapParts(schema: JsonSchema, change: (part: JsonSchema, key?: string) => JsonSchema): JsonSchema {
  const { properties, items, anyOf, additionalProperties } = schema;
  const byKey = Object.entries(properties ?? {}).map(([key, part]) => [key, change(part, key)]);
  return {
    ...schema,
    ...(properties && { properties: Object.fromEntries(byKey) as Record<string, JsonSchema> }),
    ...(items && { items: change(items) }),
    ...(anyOf && { anyOf: anyOf.map((part) => change(part)) }),
    ...(typeof additionalProperties === "object" && { additionalProperties: change(additionalProperties) }),
  };
}

/** As many of the last steps of each path as no other ends in; a number where the whole paths are equal. */
function shortNames(paths: readonly (readonly string[])[]): readonly string[] {
  const taken = new Set<string>();
  for (const path of paths) {
    const lengths = path.map((_, index) => index + 1);
    const ending = (each: readonly string[], length: number) => each.slice(-length).join(".");
    const isOwn = (length: number) =>
      paths.every((other) => other === path || ending(other, length) !== ending(path, length));
    const base = ending(path, lengths.find(isOwn) ?? path.length) || "part";
    let name = base;
    for (let number = 2; taken.has(name); number += 1) name = `${base}.${number}`;
    taken.add(name);
  }
  return [...taken];
}
