/** Which names a mirror is for, and where each of them goes. */
import { Path } from "../naming/path.ts";

const ANY = "*";

/** `*` as a whole element of `source` stands for anything; each such goes where the next `*` of `target` is, or to its end. */
export class MirrorSelection {
  readonly source: Path;
  readonly target: Path;

  /** Throws an Error when `target` has more `*` than `source`. */
  constructor(source: Path, target: Path) {
    this.source = source;
    this.target = target;
    if (starsIn(target) > starsIn(source)) {
      throw new Error(`${target.show} has more "*" than ${source.show}, so what they stand for is not known`);
    }
  }

  /** Whether the names have to be listed to know them. */
  get isOpen(): boolean {
    return starsIn(this.source) > 0;
  }

  /** Where the name goes; undefined for names that are not selected. */
  targetOf(name: Path): Path | undefined {
    const captured = capturedBy(this.source, name);
    return captured && filledIn(this.#fullTarget, captured);
  }

  /** The name that goes there; undefined for targets that no name of this selection goes to. */
  sourceOf(target: Path): Path | undefined {
    const captured = capturedBy(this.#fullTarget, target);
    return captured && filledIn(this.source, captured);
  }

  /** The target with a `*` for each of the source's. */
  get #fullTarget(): Path {
    const missing = starsIn(this.source) - starsIn(this.target);
    return this.target.concat(Path.from(Array<string>(missing).fill(ANY)));
  }
}

const starsIn = (path: Path): number => path.elems.filter((elem) => elem === ANY).length;

function capturedBy(pattern: Path, path: Path): readonly string[] | undefined {
  if (pattern.size !== path.size) return undefined;
  const captured: string[] = [];
  for (const [at, elem] of path.elems.entries()) {
    const wanted = pattern.elems[at];
    if (wanted === ANY) captured.push(elem);
    else if (wanted !== elem) return undefined;
  }
  return captured;
}

function filledIn(pattern: Path, captured: readonly string[]): Path {
  let next = 0;
  return Path.from(pattern.elems.map((elem) => (elem === ANY ? (captured[next++] ?? ANY) : elem)));
}
