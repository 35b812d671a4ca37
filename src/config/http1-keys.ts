/** What a server of an http router may say of HTTP/1; for the rest the defaults of the codec hold. */
import { s } from "./schema.ts";

export const http1ServerKeys = {
  connect: s.optional(
    s.boolean({
      doc: "Serve CONNECT, as a tunnel to an instance of what its authority names; it is refused if not said.",
    }),
  ),
  tunnelIdleMs: s.optional(
    s.integer({
      min: 1,
      doc: "How long a tunnel (WebSocket, CONNECT) may be silent in both directions before it is cut; 600000 if not said.",
    }),
  ),
  minBodyBytesPerMin: s.optional(
    s.integer({
      min: 1,
      doc: "A caller of whose body, or of the answer to whom, less moves in a minute is given up; 1024 if not said.",
    }),
  ),
};
