/** Whether the captures that a `commonName` speaks of are there. */
import type { ProblemList } from "./config-error.ts";
import type { RouterConfig } from "./config.ts";
import type { At } from "./field.ts";
import type { Pattern } from "./pattern.ts";

/** Adds a problem for each `{capture}` that the prefix beside it has not. */
export function checkCommonNames(routers: readonly RouterConfig[], problems: ProblemList): void {
  for (const [index, { client }] of routers.entries()) {
    const at = ["routers", index, "client"];
    check(client.base.tls?.commonName, undefined, [...at, "tls", "commonName"], problems);
    for (const [nth, { prefix, settings }] of client.rules.entries()) {
      check(settings.tls?.commonName, prefix, [...at, "configs", nth, "tls", "commonName"], problems);
    }
  }
}

function check(name: string | undefined, prefix: Pattern | undefined, at: At, problems: ProblemList): void {
  for (const [part = "", capture = ""] of name?.matchAll(/\{([^{}]*)\}/g) ?? []) {
    if (prefix?.captures.includes(capture) === true) continue;
    const message = `\`commonName\` says ${part}, which ${prefix === undefined ? "no `prefix` captures" : `${prefix.show} does not capture`}`;
    problems.add({ at, message, expected: `a \`prefix\` with ${part} in it, such as /#/io.l5d.fs/${part}` });
  }
}
