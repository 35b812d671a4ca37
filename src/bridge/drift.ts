/** How far what stands at a target is from what its source is, instance by instance. */
import type { Instance } from "../base/instance.ts";
import type { StandingEntry } from "../naming/announcer.ts";
import type { LeftOut } from "./mirror-plan.ts";

/** `lag`: younger than the objective, whatever it is. `dual`: also registered there by itself; counted once. */
export type DriftClass = "same" | "lag" | "missing" | "ghost" | "different" | "dual";

export const DRIFT_CLASSES: readonly DriftClass[] = ["same", "lag", "missing", "ghost", "different", "dual"];

/** Those that are wrong, and not on the way. */
export const DRIFTED: readonly DriftClass[] = ["missing", "ghost", "different"];

/** One name as both sides have it. */
export interface ComparedName {
  /** Absent for a target to which nothing goes any more. */
  readonly source?: string;
  readonly target: string;
  /** What should stand there, by the instance's id. */
  readonly wanted: ReadonlyMap<string, Instance>;
  /** What stands there and is to be compared with it. */
  readonly standing: readonly Pick<StandingEntry, "key" | "instance">[];
  /** What has no entry, and why; only what is registered at the target by itself counts. */
  readonly leftOut: readonly LeftOut[];
  /** Why one side, or both, is not known now. */
  readonly trouble?: string;
}

export interface Difference {
  readonly class: Exclude<DriftClass, "same" | "lag">;
  readonly id: string;
  /** `host:port`. */
  readonly address: string;
  /** What differs, or by what else it is reached. */
  readonly about?: string;
}

export interface Differences {
  readonly same: number;
  readonly all: readonly Difference[];
}

/** Several entries of one instance, as while one member takes over from another, are one. */
export function differencesOf({ wanted, standing, leftOut }: ComparedName): Differences {
  const all: Difference[] = [];
  const byId = new Map<string, Instance[]>();
  for (const { instance } of standing) byId.set(instance.id, [...(byId.get(instance.id) ?? []), instance]);
  let same = 0;
  for (const [id, instance] of wanted) {
    const there = byId.get(id);
    byId.delete(id);
    const address = addressOf(instance);
    const about = there?.map((each) => whatDiffers(instance, each)).find((each) => each !== undefined);
    if (there === undefined) all.push({ class: "missing", id, address });
    else if (about !== undefined) all.push({ class: "different", id, address, about });
    else same++;
  }
  const dual = new Map(leftOut.flatMap(({ id, why, cause = "" }) => (why === "dual" ? [[id, cause]] : [])));
  for (const [id, about] of dual) all.push({ class: "dual", id, address: "", about });
  for (const [id, [instance]] of byId) {
    if (instance) all.push({ class: "ghost", id, address: addressOf(instance), ...whyOf(id, leftOut) });
  }
  return { same, all };
}

const addressOf = ({ host, port, tlsPort }: Instance): string =>
  `${host.includes(":") ? `[${host}]` : host}:${port ?? tlsPort ?? "-"}`;

function whyOf(id: string, leftOut: readonly LeftOut[]): { readonly about?: string } {
  const why = leftOut.find((left) => left.id === id)?.why;
  return why === undefined ? {} : { about: why };
}

/** Of metadata only what both sides have: registries cannot hold all that others can. */
function whatDiffers(wanted: Instance, there: Instance): string | undefined {
  const [before, now] = [addressOf(wanted), addressOf(there)];
  if (before !== now) return `address ${now}`;
  if (wanted.tlsPort !== undefined && there.tlsPort !== undefined && wanted.tlsPort !== there.tlsPort)
    return `TLS port ${there.tlsPort}`;
  if (wanted.ready !== there.ready) return there.ready ? "ready" : "not ready";
  for (const [key, value] of Object.entries(wanted.meta ?? {})) {
    const other = there.meta?.[key];
    if (other !== undefined && other !== value) return `${key}=${other}`;
  }
  return undefined;
}
