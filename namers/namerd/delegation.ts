/** Reads the explanation that a namerd gives of a name. */
import {
  type AddressSet,
  type Bound,
  type Delegation,
  type Dentry,
  Dtab,
  empty,
  fail,
  failed,
  leaf,
  type NameTree,
  neg,
  ok,
  Path,
  pending,
  type State,
  type Step,
  union,
  Var,
} from "linkspan/plugin";
import { addressSetOf, fieldsOf, listOf, readAddresses } from "./documents.ts";

export interface Rules {
  /** What was sent along: its rules are told from those of namerd's own dtab. */
  readonly local: Dtab;
  /** Where namerd's own dtab is, for people. */
  readonly place: string;
}

/** What a part of an explanation comes to, as a binding would have it. */
type Answer = State<NameTree<Bound>>;

interface Read {
  readonly step: Step;
  readonly answer: Answer;
}

/** Throws an Error where the document is no explanation. */
export function delegationOf(document: unknown, path: Path, rules: Rules): Delegation {
  const reader = new DelegationReader(rules);
  const { step, answer } = reader.read(document, path, true);
  return { path, root: step, outcome: answer, steps: reader.steps };
}

class DelegationReader {
  readonly #place: string;
  readonly #sent: ReadonlyMap<string, Dentry>;
  readonly #own = new Map<string, Dentry>();
  steps = 0;

  constructor({ local, place }: Rules) {
    this.#place = place;
    this.#sent = new Map(local.dentries.map((dentry) => [textOf(dentry), dentry]));
  }

  /** `above` is the path of what led here, for nodes that do not say theirs. */
  read(document: unknown, above: Path, used: boolean): Read {
    this.steps++;
    const node = fieldsOf(document);
    const path = pathIn(node["path"]) ?? above;
    const dentry = node["dentry"] === undefined ? undefined : this.#dentry(fieldsOf(node["dentry"]));
    const at = { path, used, ...(dentry ? { dentry } : {}) };
    switch (node["type"]) {
      case "delegate": {
        const { step: next, answer } = this.read(node["delegate"], path, used);
        return { step: { ...at, kind: "delegate", next }, answer };
      }
      case "transformation": {
        const { step: next, answer } = this.read(node["tree"], path, used);
        const { bound } = boundIn(node["bound"]);
        return { step: { ...at, kind: "transformation", name: String(node["name"]), bound, next }, answer };
      }
      case "leaf": {
        const { bound, addresses } = boundIn(node["bound"]);
        return { step: { ...at, kind: "leaf", bound, addresses }, answer: ok(leaf(bound)) };
      }
      case "alt":
        return this.#alt(listOf(node["alt"]), at);
      case "union":
        return this.#union(listOf(node["union"]), at);
      case "exception": {
        const message = String(node["message"]);
        return { step: { ...at, kind: "exception", message }, answer: failed(new Error(message)) };
      }
      default:
        return this.#end(String(node["type"]), at);
    }
  }

  #alt(children: readonly unknown[], at: Pick<Step, "path" | "used" | "dentry">): Read {
    const steps: Step[] = [];
    let answer: Answer | undefined;
    for (const child of children) {
      const each = this.read(child, at.path, at.used && answer === undefined);
      steps.push(each.step);
      if (each.answer.tag !== "ok" || each.answer.value.tag !== "neg") answer ??= each.answer;
    }
    return { step: { ...at, kind: "alt", steps }, answer: answer ?? ok(neg) };
  }

  #union(branches: readonly unknown[], at: Pick<Step, "path" | "used" | "dentry">): Read {
    const read = branches.map(fieldsOf).map(({ weight, tree }) => ({
      weight: Number(weight),
      ...this.read(tree, at.path, at.used),
    }));
    const kept = read.flatMap(({ weight, answer }) =>
      answer.tag === "ok" && answer.value.tag !== "neg" && answer.value.tag !== "fail"
        ? [{ weight, tree: answer.value }]
        : [],
    );
    const trouble = read.find(({ answer }) => answer.tag !== "ok")?.answer;
    const split: Answer = ok(kept.length > 1 ? union(kept) : (kept[0]?.tree ?? neg));
    const steps = read.map(({ weight, step }) => ({ weight, step }));
    return { step: { ...at, kind: "union", steps }, answer: kept.length === 0 ? (trouble ?? split) : split };
  }

  #end(type: string, at: Pick<Step, "path" | "used" | "dentry">): Read {
    const tree = { neg, empty, fail }[type];
    if (tree === undefined) throw new Error(`namerd explains with a step of the type ${type}`);
    return { step: { ...at, kind: type as "neg" | "empty" | "fail" }, answer: ok(tree) };
  }

  #dentry({ prefix, dst }: Readonly<Record<string, unknown>>): Dentry {
    const text = `${String(prefix)}=>${String(dst)}`;
    const [read] = Dtab.read(text).dentries;
    if (read === undefined) throw new Error(`namerd says ${text}, which is no rule`);
    const shown = textOf(read);
    const known = this.#sent.get(shown) ?? this.#own.get(shown);
    if (known) return known;
    const own: Dentry = { ...read, place: this.#place };
    this.#own.set(shown, own);
    return own;
  }
}

const textOf = (dentry: Dentry): string => new Dtab([dentry]).show;

/** `~` and `!` stand for what has no path. */
function pathIn(text: unknown): Path | undefined {
  return typeof text === "string" && text.startsWith("/") ? Path.read(text) : undefined;
}

function boundIn(value: unknown): { readonly bound: Bound; readonly addresses: State<AddressSet> } {
  const { id, path, addr } = fieldsOf(value);
  const addresses = addressesIn(addr);
  const held =
    addresses.tag === "ok" ? Var.of(addresses.value) : Var.of<AddressSet>(addressSetOf({ members: undefined }));
  const residual = path === undefined ? Path.empty : Path.read(String(path));
  return { bound: Object.freeze({ kind: "bound", id: Path.read(String(id)), addresses: held, residual }), addresses };
}

function addressesIn(document: unknown): State<AddressSet> {
  try {
    const reading = readAddresses(document);
    return reading === undefined ? pending : ok(addressSetOf(reading));
  } catch (error) {
    return failed(error as Error);
  }
}
