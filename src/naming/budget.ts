/** How much work one name may cause, and what is said when it would cause more. */
import { type Dentry, showDentry } from "./dentry.ts";
import type { Path } from "./path.ts";

/** How many times in a row a path may be looked up again as another. */
export const MAX_DEPTH = 100;
/** How many nodes of name trees one binding may visit; each dentry beside the first that matches a path counts as one. */
export const MAX_STEPS = 10_000;
/** How many elements a path may grow to. */
export const MAX_PATH_SIZE = 1_000;
/** How many trees may be open within each other at one moment, so that no dtab can exhaust the stack. */
export const MAX_OPEN_TREES = 1_000;

/** How many names are looked up that decide nothing, for one explanation. */
export const MAX_SPARE_LOOKUPS = 50;

/** A name that was given up. `dentry` is the one that was used most until then: where a loop is, it is in it. */
export class BindLimitError extends Error {
  override readonly name = "BindLimitError";
  readonly dentry: Dentry | undefined;

  constructor(limit: string, path: Path, dentry: Dentry | undefined, uses: number) {
    const culprit = dentry ? `; the dentry used most is "${clip(showDentry(dentry))}" (${uses} times)` : "";
    super(`${limit} reached in Namer lookup of ${clip(path.show)}${culprit}`);
    this.dentry = dentry;
  }
}

const clip = (text: string): string => (text.length > 200 ? `${text.slice(0, 200)}...` : text);

/** The account of one binding. */
export class Budget {
  readonly #path: Path;
  readonly #maxSteps: number;
  readonly #maxLookups: number;
  readonly #uses = new Map<Dentry, number>();
  #steps = 0;
  #lookups = 0;
  #open = 0;
  #exhausted: BindLimitError | undefined;
  #tooDeep: BindLimitError | undefined;
  #unasked: Error | undefined;

  constructor(path: Path, maxSteps = MAX_STEPS, maxLookups = Infinity) {
    this.#path = path;
    this.#maxSteps = maxSteps;
    this.#maxLookups = maxLookups;
  }

  get steps(): number {
    return this.#steps;
  }

  /** Set once a bound is passed that ends the whole binding, not only one branch of it. */
  get exhausted(): BindLimitError | undefined {
    return this.#exhausted;
  }

  /** Books the visit of a tree at `depth`; what comes back says why it must not be visited. `leave` when it was. */
  enter(depth: number): BindLimitError | undefined {
    if (this.#exhausted) return this.#exhausted;
    const tooDeep = this.reaches(depth);
    if (tooDeep) return tooDeep;
    if (this.#steps >= this.#maxSteps) return this.#exhaust(`Max number of steps: ${this.#maxSteps}`);
    if (this.#open >= MAX_OPEN_TREES) return this.#exhaust(`Max nesting of trees: ${MAX_OPEN_TREES}`);
    this.#steps++;
    this.#open++;
    return undefined;
  }

  /** Whether a branch may go on at `depth`. */
  reaches(depth: number): BindLimitError | undefined {
    if (depth <= MAX_DEPTH) return undefined;
    this.#tooDeep ??= this.#error(`Max recursion level: ${MAX_DEPTH}`);
    return this.#tooDeep;
  }

  leave(): void {
    this.#open--;
  }

  /** Books a use of `dentry`. */
  use(dentry: Dentry): void {
    this.#uses.set(dentry, (this.#uses.get(dentry) ?? 0) + 1);
  }

  /** Books `count` steps more. */
  spend(count: number): void {
    this.#steps += count;
  }

  /** Books a question to a namer; what comes back says why it must not be asked. */
  lookUp(): Error | undefined {
    if (++this.#lookups <= this.#maxLookups) return undefined;
    // One for all: of thousands of names each would walk the stack.
    this.#unasked ??= new Error(
      `not looked up: it decides nothing, and ${this.#maxLookups} such names were looked up before it`,
    );
    return this.#unasked;
  }

  /** Whether a path may have so many elements. */
  admits(pathSize: number): BindLimitError | undefined {
    return pathSize > MAX_PATH_SIZE ? this.#exhaust(`Max path size: ${MAX_PATH_SIZE}`) : undefined;
  }

  #exhaust(limit: string): BindLimitError {
    this.#exhausted ??= this.#error(limit);
    return this.#exhausted;
  }

  #error(limit: string): BindLimitError {
    let most: Dentry | undefined;
    let uses = 0;
    for (const [dentry, count] of this.#uses) {
      if (count <= uses) continue;
      most = dentry;
      uses = count;
    }
    return new BindLimitError(limit, this.#path, most, uses);
  }
}
