/** The static table of HPACK (RFC 7541 appendix A). */
import { nameKind } from "./field-kind.ts";

const rows: readonly (readonly [name: string, ...values: string[]])[] = [
  [":authority", ""],
  [":method", "GET", "POST"],
  [":path", "/", "/index.html"],
  [":scheme", "http", "https"],
  [":status", "200", "204", "206", "304", "400", "404", "500"],
  ["accept-charset", ""],
  ["accept-encoding", "gzip, deflate"],
];
const bare =
  "accept-language accept-ranges accept access-control-allow-origin age allow authorization cache-control " +
  "content-disposition content-encoding content-language content-length content-location content-range content-type " +
  "cookie date etag expect expires from host if-match if-modified-since if-none-match if-range if-unmodified-since " +
  "last-modified link location max-forwards proxy-authenticate proxy-authorization range referer refresh retry-after " +
  "server set-cookie strict-transport-security transfer-encoding user-agent vary via www-authenticate";

/** How many entries it has; the dynamic table's begin behind it. */
export const STATIC_ENTRIES = 61;

/** By index; there is none at 0. */
export const STATIC_NAMES: string[] = [""];
export const STATIC_VALUES: string[] = [""];
export const STATIC_KINDS: number[] = [0];

/** What the static table has of one name. */
export interface StaticName {
  /** The first entry of that name. */
  readonly index: number;
  /** The entries that have a value, where there are some. */
  readonly values: ReadonlyMap<string, number> | undefined;
}

/** The names in it. */
export const staticNames: ReadonlyMap<string, StaticName> = build();

function build(): Map<string, StaticName> {
  const names = new Map<string, StaticName>();
  for (const [name, ...entries] of [...rows, ...bare.split(" ").map((each) => [each, ""] as const)]) {
    const values = new Map<string, number>();
    const index = STATIC_NAMES.length;
    for (const value of entries) {
      if (value !== "") values.set(value, STATIC_NAMES.length);
      STATIC_NAMES.push(name);
      STATIC_VALUES.push(value);
      STATIC_KINDS.push(nameKind(name));
    }
    names.set(name, { index, values: values.size > 0 ? values : undefined });
  }
  return names;
}
