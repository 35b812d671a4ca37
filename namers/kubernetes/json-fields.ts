/** Reads fields of what came as JSON, where anything may stand. */

export type Fields = Readonly<Record<string, unknown>>;

/** An object of the API: read through the functions below. */
export type ApiObject = Fields;

/** The object that `value` is; an empty one where it is none. */
export function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {};
}

export const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** `undefined` for whatever is no text, and for the empty one. */
export const textOf = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;

/** The list that `value` is; absent and `null` are the empty one. Throws where something else stands. */
export function listOf(value: unknown, what: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new Error(`its ${what} are no list`);
  return value;
}

/** `undefined` where there is no port to connect to. Throws where something else than a port stands. */
export function portOf(value: unknown, what: string): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value > 65_535) {
    throw new Error(`its ${what} is ${JSON.stringify(value)}`);
  }
  return value === 0 ? undefined : value;
}

export const metadataOf = (object: ApiObject): Fields => fieldsOf(object["metadata"]);
