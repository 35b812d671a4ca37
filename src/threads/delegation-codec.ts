/** The explanation of a name, as plain data and back. */
import { type AddressSetData, decodeAddresses, encodeAddresses } from "../base/address-data.ts";
import type { Delegation, Step, StepPlace } from "../naming/delegation.ts";
import { type Dentry, showDentry, type SourceRange } from "../naming/dentry.ts";
import { Dtab } from "../naming/dtab.ts";
import { Path } from "../naming/path.ts";
import {
  type AddressesOf,
  type BoundData,
  decodeBound,
  decodeState,
  decodeTree,
  encodeBound,
  encodeState,
  encodeTree,
  type StateData,
  type TreeData,
} from "./codecs.ts";

interface DentryData {
  readonly text: string;
  readonly at?: SourceRange;
  readonly place?: string;
}

interface PlaceData {
  readonly path: string;
  readonly used: boolean;
  readonly dentry?: DentryData;
  readonly namer?: string;
}

type StepData = PlaceData &
  (
    | { readonly kind: "delegate"; readonly next: StepData }
    | { readonly kind: "alt"; readonly steps: readonly StepData[] }
    | { readonly kind: "union"; readonly steps: readonly { readonly weight: number; readonly step: StepData }[] }
    | { readonly kind: "leaf"; readonly bound: BoundData; readonly addresses: StateData<AddressSetData> }
    | { readonly kind: "transformation"; readonly name: string; readonly bound: BoundData; readonly next: StepData }
    | { readonly kind: "neg" | "empty" | "fail" | "pending" }
    | { readonly kind: "exception"; readonly message: string }
  );

export interface DelegationData {
  readonly path: string;
  readonly root: StepData;
  readonly outcome: StateData<TreeData>;
  readonly steps: number;
}

export function encodeDelegation({ path, root, outcome, steps }: Delegation): DelegationData {
  return { path: path.show, root: encodeStep(root), outcome: encodeState(outcome, encodeTree), steps };
}

export function decodeDelegation(data: DelegationData, addressesOf: AddressesOf): Delegation {
  return {
    path: Path.read(data.path),
    root: decodeStep(data.root, addressesOf),
    outcome: decodeState(data.outcome, (tree) => decodeTree(tree, addressesOf)),
    steps: data.steps,
  };
}

function encodeStep(step: Step): StepData {
  const place = encodePlace(step);
  switch (step.kind) {
    case "delegate":
      return { ...place, kind: step.kind, next: encodeStep(step.next) };
    case "alt":
      return { ...place, kind: step.kind, steps: step.steps.map(encodeStep) };
    case "union":
      return {
        ...place,
        kind: step.kind,
        steps: step.steps.map((each) => ({ weight: each.weight, step: encodeStep(each.step) })),
      };
    case "leaf": {
      const addresses = encodeState(step.addresses, encodeAddresses);
      return { ...place, kind: step.kind, bound: encodeBound(step.bound), addresses };
    }
    case "transformation":
      return {
        ...place,
        kind: step.kind,
        name: step.name,
        bound: encodeBound(step.bound),
        next: encodeStep(step.next),
      };
    case "exception":
      return { ...place, kind: step.kind, message: step.message };
    default:
      return { ...place, kind: step.kind };
  }
}

function decodeStep(data: StepData, addressesOf: AddressesOf): Step {
  const place = decodePlace(data);
  const { used } = data;
  const decode = (each: StepData): Step => decodeStep(each, addressesOf);
  switch (data.kind) {
    case "delegate":
      return { ...place, used, kind: data.kind, next: decode(data.next) };
    case "alt":
      return { ...place, used, kind: data.kind, steps: data.steps.map(decode) };
    case "union": {
      const steps = data.steps.map((each) => ({ weight: each.weight, step: decode(each.step) }));
      return { ...place, used, kind: data.kind, steps };
    }
    case "leaf": {
      const addresses = decodeState(data.addresses, decodeAddresses);
      return { ...place, used, kind: data.kind, bound: decodeBound(data.bound, addressesOf), addresses };
    }
    case "transformation": {
      const bound = decodeBound(data.bound, addressesOf);
      return { ...place, used, kind: data.kind, name: data.name, bound, next: decode(data.next) };
    }
    case "exception":
      return { ...place, used, kind: data.kind, message: data.message };
    default:
      return { ...place, used, kind: data.kind };
  }
}

function encodePlace({ path, dentry, namer, used }: Step): PlaceData {
  return {
    path: path.show,
    used,
    ...(dentry === undefined ? {} : { dentry: encodeDentry(dentry) }),
    ...(namer === undefined ? {} : { namer: namer.show }),
  };
}

function decodePlace({ path, dentry, namer }: PlaceData): StepPlace {
  return {
    path: Path.read(path),
    ...(dentry === undefined ? {} : { dentry: decodeDentry(dentry) }),
    ...(namer === undefined ? {} : { namer: Path.read(namer) }),
  };
}

function encodeDentry(dentry: Dentry): DentryData {
  return { text: showDentry(dentry), ...whereabouts(dentry) };
}

function decodeDentry(data: DentryData): Dentry {
  const [read] = Dtab.read(data.text).dentries;
  if (read === undefined) throw new TypeError(`${data.text} is no dentry`);
  const { prefix, dst } = read;
  return { prefix, dst, ...whereabouts(data) };
}

const whereabouts = ({ at, place }: Pick<Dentry, "at" | "place">): Pick<Dentry, "at" | "place"> => ({
  ...(at === undefined ? {} : { at }),
  ...(place === undefined ? {} : { place }),
});
