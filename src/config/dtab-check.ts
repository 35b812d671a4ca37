/** What is odd about a dtab that is grammatical: all of it is accepted, with a warning at its letters. */
import { ITEMS_A_STEP } from "../base/turn.ts";
import { Dtab } from "../naming/dtab.ts";
import type { Dentry } from "../naming/dentry.ts";
import { leaves, type NameTree } from "../naming/name-tree.ts";
import { Path } from "../naming/path.ts";
import { innateKinds } from "../naming/system-namers.ts";
import type { ProblemList } from "./config-error.ts";
import { anywhere, type Leads, unreached } from "./dtab-reach.ts";
import { deadBranches, shadows } from "./dtab-shadow.ts";
import type { At } from "./field.ts";
import { nearest } from "./nearest.ts";
import type { ProblemCode } from "./problem-code.ts";

/** A namer as the file has it. */
export interface ServedPrefix {
  readonly prefix: Path;
  readonly kind: string;
  /** Of `io.l5d.rewrite`: the path that it makes, with names in braces. */
  readonly name?: string;
}

export interface WrittenDtab {
  readonly text: string;
  /** What was read of it, where that is known. */
  readonly dtab?: Dtab | undefined;
  /** Where it stands. */
  readonly at: At;
  /** What every logical name of its router begins with. */
  readonly dstPrefix: Path;
  readonly served: readonly ServedPrefix[];
  /** The kinds of what is reached under `/$/`. */
  readonly systemKinds: readonly string[];
  /** Lies over this one: names are led by both. */
  readonly over?: Dtab;
  /** Whether this dtab and these namers are all there is: no interpreter has others. */
  readonly isWhole: boolean;
}

interface Odd {
  readonly code: ProblemCode;
  readonly message: string;
  readonly expected?: string;
  readonly received?: string;
  readonly nearest?: string;
}

/** A step a value, each of some ms at most for any dtab of a few thousand lines: who reads on may do other things between. */
export function* checkDtab(written: WrittenDtab, problems: ProblemList): Generator<void> {
  const dtab = written.dtab ?? readOr(() => Dtab.read(written.text));
  if (dtab !== undefined) yield* new DtabCheck(written, dtab, problems).run();
}

class DtabCheck {
  readonly #written: WrittenDtab;
  readonly #dtab: Dtab;
  /** All that names are led by. */
  readonly #whole: Dtab;
  readonly #problems: ProblemList;

  constructor(written: WrittenDtab, dtab: Dtab, problems: ProblemList) {
    this.#written = written;
    this.#dtab = dtab;
    this.#whole = written.over === undefined ? dtab : dtab.concat(written.over);
    this.#problems = problems;
  }

  *run(): Generator<void> {
    yield* this.#whole.prepare();
    yield* this.#dtab.prepare();
    for (const [at, dentry] of this.#dtab.dentries.entries()) {
      if (at % ITEMS_A_STEP === 0) yield;
      this.#weights(dentry);
      this.#branches(dentry);
      const paths = leaves(dentry.dst);
      if (this.#written.isWhole) this.#served(dentry, paths);
      this.#loop(dentry, paths);
    }
    for (const [at, { dentry, by, same }] of (yield* shadows(this.#dtab)).entries()) {
      if (at % ITEMS_A_STEP === 0) yield;
      const how = same ? "says the same, and wins" : "always decides, so that this one is never asked";
      const message = `the dentry in line ${this.#lineOf(by)} ${how}`;
      this.#warn(dentry, { code: "dtab.shadowed", message, expected: "one of the two" });
    }
    if (this.#written.isWhole) yield* this.#reach();
  }

  #weights(dentry: Dentry): void {
    if (!hasZero(dentry.dst)) return;
    const text = this.#textOf(dentry);
    for (const { index, 1: zero = "" } of text.matchAll(/(?<![\w.:#$%/\\-])(0+\.?0*|\.0+)\s*\*/g)) {
      const message = `a branch with the weight ${zero} gets no request`;
      const odd = { code: "dtab.weight", message, expected: "a weight above 0, or no such branch" } as const;
      this.#warn(dentry, odd, index, zero.length);
    }
  }

  #branches(dentry: Dentry): void {
    for (const dead of deadBranches(dentry.dst, this.#dtab)) {
      const message = `${dead} is never asked: what stands before it always decides`;
      const odd = { code: "dtab.unreachable", message, expected: "it further to the left, or not at all" } as const;
      const found = this.#textOf(dentry).lastIndexOf(dead);
      if (found < 0) this.#warn(dentry, odd);
      else this.#warn(dentry, odd, found, dead.length);
    }
  }

  /** A path under `/#/` or `/$/` that no namer serves binds to nothing; that is more likely a slip than a wish. */
  #served(dentry: Dentry, paths: readonly Path[]): void {
    for (const path of paths) {
      if (!isCutPrefix(path) && (path.size < 2 || this.#isServed(path) || this.#whole.matches(path).length > 0))
        continue;
      const found = this.#textOf(dentry).indexOf(path.show);
      const odd = unserved(path, this.#written);
      if (found < 0) this.#warn(dentry, odd);
      else this.#warn(dentry, odd, found, path.show.length);
    }
  }

  #isServed(path: Path): boolean {
    if (path.elems[0] === "$") return this.#written.systemKinds.includes(path.elems[1] ?? "");
    if (path.elems[0] !== "#") return true;
    const name = path.drop(1);
    return this.#written.served.some(({ prefix }) => name.startsWith(prefix) || prefix.startsWith(name));
  }

  #loop(dentry: Dentry, paths: readonly Path[]): void {
    const isBack = (path: Path): boolean =>
      dentry.prefix.matches(path) && this.#whole.matches(path).every((other) => other === dentry);
    if (!paths.some(isBack)) return;
    const message = `${dentry.prefix.show} leads back to itself, and its names are never bound`;
    this.#warn(dentry, { code: "dtab.loop", message, expected: "a destination that does not begin as the prefix" });
  }

  *#reach(): Generator<void> {
    const { dstPrefix } = this.#written;
    const { dentries, beginnings } = yield* unreached(this.#whole, [dstPrefix], (path) => this.#leadsOf(path));
    const own = new Set(this.#dtab.dentries);
    for (const [at, dentry] of dentries.filter((each) => own.has(each)).entries()) {
      if (at % ITEMS_A_STEP === 0) yield;
      const prefix = dentry.prefix.show;
      const meant = nearest(
        prefix,
        beginnings.map(({ show }) => show),
      );
      const message = `no name comes to ${prefix}: names begin with ${dstPrefix.show}, and no dentry leads here`;
      const odd = { code: "dtab.unreachable", message, ...(meant === undefined ? {} : { nearest: meant }) } as const;
      this.#warn(dentry, odd, 0, prefix.length);
    }
  }

  #leadsOf(path: Path): Leads {
    if (path.elems[0] === "$") return ofSystemNamer(path, this.#written.systemKinds);
    const name = path.drop(1);
    const served = this.#written.served.filter(({ prefix }) => name.startsWith(prefix) || prefix.startsWith(name));
    const leads = served.map(ofNamer);
    return leads.every((each) => each === "bound") ? "bound" : leads.flatMap((each) => (each === "bound" ? [] : each));
  }

  #textOf({ at }: Dentry): string {
    return at === undefined ? "" : this.#written.text.slice(at.start, at.end);
  }

  #lineOf({ at }: Dentry): number {
    return this.#problems.place(this.#written.at, { offset: at?.start ?? 0 }).line;
  }

  #warn({ at }: Dentry, odd: Odd, from = 0, length = (at?.end ?? 0) - (at?.start ?? 0)): void {
    this.#problems.add({ at: this.#written.at, offset: (at?.start ?? 0) + from, length, ...odd }, [], "warning");
  }
}

function hasZero(tree: NameTree<Path>): boolean {
  if (tree.tag === "alt") return tree.trees.some(hasZero);
  return tree.tag === "union" && tree.branches.some(({ weight, tree: each }) => weight === 0 || hasZero(each));
}

/** `/#io.l5d.fs` for `/#/io.l5d.fs`. */
function isCutPrefix({ elems: [first = ""] }: Path): boolean {
  return /^[#$]./.test(first);
}

function unserved(path: Path, { served, systemKinds }: WrittenDtab): Odd {
  const isSystem = path.elems[0]?.startsWith("$") === true;
  const known = isSystem ? systemKinds.map((kind) => `/$/${kind}`) : served.map(({ prefix }) => `/#${prefix.show}`);
  const wanted = path.take(isCutPrefix(path) ? 1 : 2).show;
  const meant = nearest(wanted, known);
  return {
    code: "dtab.unserved",
    message: `no namer serves ${wanted}, so this binds to nothing`,
    expected: known.length === 0 ? "a namer under `namers`" : `one of ${known.join(", ")}`,
    received: wanted,
    ...(meant === undefined ? {} : { nearest: meant }),
  };
}

/**
 * System namers that make paths put the name behind the path that stands behind their kind, or make one of the name;
 * a plugin that is not in the box may do as it likes.
 */
function ofSystemNamer(path: Path, systemKinds: readonly string[]): Leads {
  const kind = path.elems[1] ?? "";
  if (innateKinds.includes(kind) || !systemKinds.includes(kind)) return "bound";
  if (!/^io\.buoyant\..*Pfx$/.test(kind)) return anywhere;
  return path.elems.slice(2).map((_, at) => path.drop(2 + at));
}

/** What registries know is bound; a plugin that is not in the box may do as it likes. */
function ofNamer({ kind, name }: ServedPrefix): Leads {
  if (name !== undefined) {
    const literal = name.split("/").slice(1);
    const end = literal.findIndex((elem) => elem.includes("{"));
    return [Path.from(end < 0 ? literal : literal.slice(0, end))];
  }
  return /^(?:io\.l5d|linkspan)\./.test(kind) ? "bound" : anywhere;
}

function readOr<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    // What does not parse has its problem already.
    return undefined;
  }
}
