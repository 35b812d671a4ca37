/** A bound tree compiled for traffic: how one exchange is given its cluster, or the failure that the tree stands for. */
import { type Failure, failure, type FailureCode } from "../base/failure.ts";
import type { Random } from "../base/time.ts";
import type { Status } from "../http/transport.ts";
import { type NameTree, simplify } from "../naming/name-tree.ts";
import type { Bound } from "../naming/namer.ts";
import type { Lead } from "./lead.ts";

/** One node of the compiled tree. */
export interface Choice {
  /** Whether an exchange that goes this way would find an open endpoint. */
  readonly isOpen: boolean;
  choose(): Lead | Failure;
}

export interface ChoiceParts {
  /** Asked once for every leaf that can be reached. */
  readonly lead: (bound: Bound) => Lead;
  readonly random: Random;
  /** The logical name, for the sentences of its dead ends. */
  readonly name: string;
}

export function compile(tree: NameTree<Bound>, parts: ChoiceParts): Choice {
  return compileSimple(simplify(tree), parts);
}

function compileSimple(tree: NameTree<Bound>, parts: ChoiceParts): Choice {
  switch (tree.tag) {
    case "leaf":
      return new LeafChoice(parts.lead(tree.value));
    case "alt": {
      // A simplified alt starts with a branch that is not neg, and that one is taken whatever its health.
      const first = tree.trees[0];
      return first === undefined ? negative(parts) : compileSimple(first, parts);
    }
    case "union":
      return new Split(
        tree.branches.map(({ weight, tree: each }) => ({ weight, choice: compileSimple(each, parts) })),
        parts.random,
      );
    case "neg":
      return negative(parts);
    case "empty":
      return new DeadEnd("cluster.empty", `The service ${parts.name} is known and has no instances.`);
    case "fail":
      return new DeadEnd("name.failed", `The dtab ends the name ${parts.name} with a failure.`);
  }
}

const negative = ({ name }: ChoiceParts): Choice =>
  new DeadEnd("name.negative", `No such service: the name ${name} binds to nothing.`);

const OPEN: Status = "open";

class LeafChoice implements Choice {
  readonly #lead: Lead;
  constructor(lead: Lead) {
    this.#lead = lead;
  }
  get isOpen(): boolean {
    return this.#lead.cluster.status === OPEN;
  }
  choose(): Lead {
    return this.#lead;
  }
}

class DeadEnd implements Choice {
  readonly isOpen = false;
  readonly #failure: Failure;
  constructor(code: FailureCode, message: string) {
    this.#failure = failure(code, message);
  }
  choose(): Failure {
    return this.#failure;
  }
}

interface Share {
  readonly weight: number;
  readonly choice: Choice;
}

/** Draws by weight. A branch without an open endpoint is drawn only where no other has one. */
class Split implements Choice {
  readonly #shares: readonly Share[];
  readonly #cumulative: Float64Array;
  readonly #total: number;
  readonly #random: Random;

  constructor(shares: readonly Share[], random: Random) {
    const sum = shares.reduce((total, share) => total + share.weight, 0);
    // Weights that are all zero split evenly.
    this.#shares = sum > 0 ? shares : shares.map(({ choice }) => ({ weight: 1, choice }));
    this.#cumulative = new Float64Array(this.#shares.length);
    let total = 0;
    for (let at = 0; at < this.#shares.length; at++) {
      total += (this.#shares[at] as Share).weight;
      this.#cumulative[at] = total;
    }
    this.#total = total;
    this.#random = random;
  }

  get isOpen(): boolean {
    for (let at = 0; at < this.#shares.length; at++) if (this.#isOpenAt(at)) return true;
    return false;
  }

  choose(): Lead | Failure {
    const at = this.#draw(this.#random.next() * this.#total);
    const drawn = (this.#shares[at] as Share).choice;
    if (drawn.isOpen) return drawn.choose();
    const other = this.#drawOpen();
    return (other ?? drawn).choose();
  }

  #draw(point: number): number {
    let at = 0;
    while (at < this.#cumulative.length - 1 && point >= (this.#cumulative[at] as number)) at++;
    return at;
  }

  #isOpenAt(at: number): boolean {
    const share = this.#shares[at] as Share;
    return share.weight > 0 && share.choice.isOpen;
  }

  #drawOpen(): Choice | undefined {
    let open = 0;
    for (let at = 0; at < this.#shares.length; at++) if (this.#isOpenAt(at)) open += (this.#shares[at] as Share).weight;
    let left = this.#random.next() * open;
    let last: Choice | undefined;
    for (let at = 0; at < this.#shares.length && (left >= 0 || last === undefined); at++) {
      if (!this.#isOpenAt(at)) continue;
      last = (this.#shares[at] as Share).choice;
      left -= (this.#shares[at] as Share).weight;
    }
    return last;
  }
}
