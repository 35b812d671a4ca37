/** What a server's `announce` cannot know: whether an announcer takes the name. Linkerd 1 only warned, and so is it here. */
import { isIP } from "node:net";
import { Path } from "../naming/path.ts";
import type { RouterConfig, ServerConfig } from "./config.ts";
import type { ProblemList } from "./config-error.ts";
import type { At } from "./field.ts";

const configured = Path.of("#");

/** What is left of the name where an announcer's prefix, `/#` before it, is taken away; `undefined` where it is another's. */
export function announcedRest(name: Path, prefix: Path): Path | undefined {
  const whole = configured.concat(prefix);
  return name.startsWith(whole) ? name.drop(whole.size) : undefined;
}

export function checkAnnounced(routers: readonly RouterConfig[], problems: ProblemList): void {
  for (const [router, { announcers, servers }] of routers.entries()) {
    for (const [index, server] of servers.entries()) {
      const at = ["routers", router, "servers", index];
      for (const [number, name] of (server.announce ?? []).entries()) {
        if (announcers.some(({ prefix }) => announcedRest(name, prefix) !== undefined)) continue;
        const message = `no announcer of this router takes ${name.show}: it is not announced`;
        const expected = announcers.map(({ prefix }) => `${configured.concat(prefix).show}/NAME`).join(" or ");
        const hint = expected === "" ? "`announcers` on the router" : expected;
        problems.add(
          { at: [...at, "announce", number], code: "dtab.unserved", message, expected: hint },
          [],
          "warning",
        );
      }
      warnOfLoopback(server, [...at, "announce"], problems);
    }
  }
}

function warnOfLoopback({ ip, announce = [], advertise }: ServerConfig, at: At, problems: ProblemList): void {
  if (announce.length === 0 || advertise !== undefined || !isLoopback(ip)) return;
  const message = `the server listens on ${ip} and is announced so: nobody on another host can call it`;
  problems.add({ at, key: true, message, expected: "another `ip`, or `advertise`" }, [], "warning");
}

function isLoopback(ip: string): boolean {
  return isIP(ip) === 4 ? ip.startsWith("127.") : ip === "::1";
}
