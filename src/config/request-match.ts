/** Which requests are meant: the keys by which a file says it, wherever it does. */
import { s } from "./schema.ts";

export type { RequestMatch } from "../http/request-matcher.ts";

const host = s.text(
  {
    expected: "a host, without port or path",
    parse(text) {
      if (!/^(?:[^\s/*:[\]]+|\[[0-9a-fA-F:.]+\])$/.test(text)) throw new Error(`${JSON.stringify(text)} is not a host`);
      return text.toLowerCase();
    },
  },
  { doc: "The host (of gRPC the authority), without its port, in any case; every one if it is not said." },
);

const path = s.text(
  {
    expected: "a path that begins with `/`, without a query",
    parse(text) {
      if (!/^\/[^\s?#]*$/.test(text)) throw new Error(`${JSON.stringify(text)} is not the path of a request`);
      return text;
    },
  },
  { doc: "A path and what is below it: `/v2` is `/v2` and `/v2/x`, not `/v20`; `/v2/` only what is below." },
);

const method = s.text({
  expected: "a method in capitals, such as GET",
  parse(text) {
    if (!/^[A-Z][A-Z0-9-]*$/.test(text)) throw new Error(`${JSON.stringify(text)} is not a method`);
    return text;
  },
});

/** Of an object with these fields comes a `RequestMatch`. */
export const matchFields = {
  host: s.optional(host),
  path: s.optional(path),
  method: s.optional(
    s.either([method, s.list(method, { least: 1 })], { doc: "The method, or several; every one if it is not said." }),
  ),
  headers: s.optional(
    s.record(s.string(), { doc: "Headers and their values, all of which must be there; `*` for any value." }),
  ),
};
