/** Fields of a request as HTTP/2 names them: `:path` and its like beside the header fields. */
import type { Exchange } from "linkspan/plugin";

/** `lowerName` is in lower case. An exchange speaks as HTTP/1 does, so the parts of the first line stand elsewhere. */
export function fieldOf(x: Exchange, lowerName: string): string | undefined {
  if (lowerName.charCodeAt(0) !== COLON) return x.request.headers.get(lowerName);
  if (lowerName === ":authority") return x.request.headers.get("host");
  if (lowerName === ":path") return x.request.target;
  if (lowerName === ":method") return x.request.method;
  return lowerName === ":scheme" ? x.scheme : undefined;
}

const COLON = 0x3a;
