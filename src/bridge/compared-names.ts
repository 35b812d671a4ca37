/** What there is to compare: the names of a mirror, or two lists of instances that are to be the same. */
import type { Instance } from "../base/instance.ts";
import type { ComparedName } from "./drift.ts";
import type { MirrorTerm } from "./mirror-term.ts";
import { troubleOf } from "./mirror-view.ts";
import type { MirroredName } from "./mirrored-name.ts";

export const comparedIn = (term: MirrorTerm): readonly ComparedName[] =>
  [...term.names].sort((a, b) => (a.place.target.show < b.place.target.show ? -1 : 1)).map(comparedName);

/** Only the own group's entries are compared; of those of others it matters what is registered twice. */
function comparedName(name: MirroredName): ComparedName {
  const { place, desired, view } = name;
  const trouble = troubleOf(name);
  return {
    ...(place.source ? { source: place.source.show } : {}),
    target: place.target.show,
    wanted: desired.entries,
    standing: view.own,
    leftOut: desired.leftOut,
    ...(trouble === undefined ? {} : { trouble }),
  };
}

export interface NamedInstances {
  readonly name: string;
  readonly instances: readonly Instance[];
}

/**
 * Two names that are to have the same instances. One and the same is what has the same id, or is called at the same
 * address; what both registries say by themselves, and not one of the other, is registered twice.
 */
export function comparedPaths(source: NamedInstances, target: NamedInstances): ComparedName {
  const there = new Map(target.instances.map((each) => [each.id, each]));
  const byAddress = new Map(target.instances.map((each) => [addressOf(each), each]));
  const wanted = new Map<string, Instance>();
  const dual = new Map<string, string>();
  const standing = new Map(target.instances.map((each) => [each, each]));
  for (const instance of source.instances.filter(({ ready }) => ready)) {
    const other = there.get(instance.id) ?? byAddress.get(addressOf(instance));
    const isOwn = other !== undefined && other.origin === undefined && instance.origin === undefined;
    if (!isOwn) wanted.set(instance.id, instance);
    else dual.set(instance.id, `${target.name} has it as ${other.id}`);
    if (other === undefined) continue;
    // One instance has one id, whatever else it is called there.
    if (isOwn) standing.delete(other);
    else standing.set(other, { ...other, id: instance.id });
  }
  return {
    source: source.name,
    target: target.name,
    wanted,
    standing: [...standing.values()].map((instance) => ({ key: instance.id, instance })),
    leftOut: Array.from(dual, ([id, cause]) => ({ id, why: "dual", cause })),
  };
}

const addressOf = ({ host, port, tlsPort }: Instance): string => `${host} ${port ?? tlsPort ?? ""}`;
