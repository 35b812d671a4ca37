/** The port that a name asks for, as its path says it. */

export type WantedPort =
  /** A port of the Service. */
  | { readonly tag: "number"; readonly number: number }
  /** A port by its name. */
  | { readonly tag: "name"; readonly name: string }
  /** The only port; where there are several, the one of that name. */
  | { readonly tag: "only"; readonly name: string };

const NUMBER = /^\d{1,5}$/;
/** RFC 6335 §5.1: such a name does not begin with a hyphen, so that one means what no name can say. */
const NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const USUAL_NAME = "http";

/** Of an element in lower case: `http`, `80`, `-` or `-grpc`. `undefined` for what no port can be called. */
export function wantedPort(element: string): WantedPort | undefined {
  if (NUMBER.test(element)) {
    const number = Number(element);
    return number >= 1 && number <= 65_535 ? { tag: "number", number } : undefined;
  }
  if (element === "-") return { tag: "only", name: USUAL_NAME };
  if (element.startsWith("-")) {
    const name = element.slice(1);
    return NAME.test(name) ? { tag: "only", name } : undefined;
  }
  return NAME.test(element) ? { tag: "name", name: element } : undefined;
}

/** The name among `names` that the only port has. Throws an Error that lists the ports where it is not clear. */
export function onlyPort(names: Iterable<string>, preferred: string, service: string): string | undefined {
  const all = [...new Set(names)];
  if (all.length <= 1) return all[0];
  if (all.includes(preferred)) return preferred;
  const listed = all.sort().map((name) => (name === "" ? "one without a name" : name));
  throw new Error(
    `${service} has several ports, and none is called ${preferred}: ${listed.join(", ")}; name one of them`,
  );
}
