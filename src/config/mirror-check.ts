/** What a single mirror cannot know: whether another has its name, and whether its source and its gateway are there. */
import { Path } from "../naming/path.ts";
import type { NamerConfig, RouterConfig } from "./config.ts";
import type { ProblemList } from "./config-error.ts";
import { nearest } from "./nearest.ts";
import { type MirrorConfig, showSource } from "./mirror-schema.ts";
import { mirrorSource } from "./mirror-source.ts";
import type { AnyPlugin } from "./plugin.ts";

const configured = Path.of("#");
const ANY = "*";

export interface MirrorSurroundings {
  readonly served: readonly (Pick<NamerConfig, "prefix" | "kind"> & { readonly plugin: Pick<AnyPlugin, "lists"> })[];
  readonly routers: readonly Pick<RouterConfig, "label">[];
}

export function checkMirrors(
  mirrors: readonly MirrorConfig[],
  around: MirrorSurroundings,
  problems: ProblemList,
): void {
  const seen = new Map<string, number>();
  for (const [index, mirror] of mirrors.entries()) {
    const first = seen.get(mirror.name);
    seen.set(mirror.name, first ?? index);
    if (first !== undefined) {
      const message = `two mirrors have the name \`${mirror.name}\`; the first is mirror ${first + 1}`;
      const expected = "a `name` of its own for each mirror";
      problems.add({ at: ["mirrors", index, "name"], code: "label.duplicate", message, expected });
    }
    checkSource(mirror, index, around, problems);
    checkGateway(mirror, index, around, problems);
  }
}

function checkSource(
  { from }: MirrorConfig,
  index: number,
  { served }: MirrorSurroundings,
  problems: ProblemList,
): void {
  const at = ["mirrors", index, "from"];
  const known = served.map(({ prefix }) => configured.concat(prefix));
  const expected = known.length === 0 ? "a namer under `namers`" : known.map(({ show }) => `${show}/...`).join(", ");
  const prefix = known.find((each) => from.startsWith(each));
  if (prefix === undefined) {
    const [, first = ""] = from.elems;
    const meant = nearest(
      first,
      known.map(({ elems }) => elems[1] ?? ""),
    );
    const whole = meant === undefined ? {} : { nearest: showSource(Path.of("#", meant).concat(from.drop(2))) };
    const message = `no namer serves ${showSource(from)}`;
    problems.add({ at, code: "dtab.unserved", message, expected, received: showSource(from), ...whole });
  } else if (from.size === prefix.size) {
    problems.add({
      at,
      message: `${from.show} names no service`,
      expected: `${prefix.show}/SERVICE, or ${prefix.show}/*`,
    });
  } else checkLists(from, mirrorSource(from, served), at, problems);
}

/** Namers that do not say what they list are asked when the mirror is opened. */
function checkLists(
  from: Path,
  source: MirrorSurroundings["served"][number] | undefined,
  at: readonly (string | number)[],
  problems: ProblemList,
): void {
  const lists = source?.plugin.lists;
  if (lists === undefined) return;
  const received = showSource(from);
  if (lists === "nothing") {
    const message = `${source?.kind} cannot list instances, which a mirror publishes`;
    problems.add({ at, code: "mirror.unlisted", message, expected: "a name of the namer that has them", received });
  } else if (from.elems.includes(ANY)) {
    const message = `${source?.kind} cannot list names, so \`*\` has no meaning`;
    problems.add({ at, code: "mirror.unlisted", message, expected: "a mirror for each name", received });
  }
}

function checkGateway(
  { address, gateway }: MirrorConfig,
  index: number,
  { routers }: MirrorSurroundings,
  problems: ProblemList,
): void {
  if (address !== "gateway" || gateway === undefined) return;
  const labels = routers.map(({ label }) => label);
  if (labels.includes(gateway)) return;
  const meant = nearest(gateway, labels);
  problems.add({
    at: ["mirrors", index, "gateway"],
    message: `there is no router \`${gateway}\``,
    expected: `one of ${labels.join(", ")}`,
    received: gateway,
    ...(meant === undefined ? {} : { nearest: meant }),
  });
}
