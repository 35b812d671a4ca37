/** The user's mistakes in a configuration file, all of them, and how they are shown. */
import type { SchemaProblem } from "./plugin.ts";
import type { At } from "./field.ts";
import type { Aspect, Place, Source } from "./source.ts";
import type { TextProblem } from "./text-problem.ts";

/** Where in the file the thing is written that stands at a path of the configuration that it became. */
export type Locate = (at: At, aspect: Aspect) => { readonly at: At; readonly aspect: Aspect };

/** One mistake, as data. `line` and `column` count from 1. */
export interface ConfigProblem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly length: number;
  /** A `ProblemCode`, or one of a plugin's own. */
  readonly code: string;
  readonly severity: "error" | "warning";
  readonly message: string;
  readonly found?: string;
  readonly expected?: string;
  /** What was meant, perhaps. */
  readonly nearest?: string;
  /** The text of that line. */
  readonly text: string;
}

/** Thrown at start only; it holds every problem that was found, warnings too. */
export class ConfigError extends Error {
  readonly problems: readonly ConfigProblem[];
  /** The configuration; some problems may be of files that it names. */
  readonly file: string;
  constructor(problems: readonly ConfigProblem[], file = problems[0]?.file ?? "") {
    super(problems.filter(isError).map(oneLine).join("\n"));
    this.name = "ConfigError";
    this.problems = problems;
    this.file = file;
  }
}

export function isError(problem: ConfigProblem): boolean {
  return problem.severity === "error";
}

/** Gathers problems while a file is read. */
export class ProblemList {
  readonly source: Source;
  readonly #problems: ConfigProblem[];
  readonly #locate: Locate | undefined;
  constructor(source: Source, problems: ConfigProblem[] = [], locate?: Locate) {
    this.source = source;
    this.#problems = problems;
    this.#locate = locate;
  }

  /** The same list, for who knows only the paths of what the file was translated to. */
  through(locate: Locate): ProblemList {
    const written: Locate = (at, aspect) => {
      const found = locate(at, aspect);
      return this.#locate?.(found.at, found.aspect) ?? found;
    };
    return new ProblemList(this.source, this.#problems, written);
  }

  /** The same list, for what is wrong in another file. */
  of(source: Source): ProblemList {
    return new ProblemList(source, this.#problems);
  }

  place(at: At, aspect: Aspect = {}): Place {
    const written = this.#locate?.(at, aspect) ?? { at, aspect };
    return this.source.place(written.at, written.aspect);
  }

  /** A problem of the text itself, at [start, end). */
  addAt({ start, end, ...problem }: TextProblem): void {
    this.#push({ ...this.source.placeOf(start, end), ...problem });
  }

  /** A problem of the value at `base` followed by the problem's own path. */
  add(problem: SchemaProblem, base: At = [], severity: "error" | "warning" = "error"): void {
    const { at, code = "value.invalid", message, expected, received, nearest } = problem;
    this.#push({
      ...this.place([...base, ...at], problem),
      code,
      severity,
      message,
      ...(received === undefined ? {} : { found: received }),
      ...(expected === undefined ? {} : { expected }),
      ...(nearest === undefined ? {} : { nearest }),
    });
  }

  get hasErrors(): boolean {
    return this.#problems.some(isError);
  }

  /**
   * All problems, file by file in the order of each; where something is wrong, warnings of the same are left out, and
   * where an alias stands, that there is nothing.
   */
  get all(): readonly ConfigProblem[] {
    const wrong = new Set(this.#problems.filter(isError).map(placeName));
    const aliases = new Set(this.#problems.filter(({ code }) => code === "yaml.alias").map(lineName));
    const files = [...new Set([this.source.file, ...this.#problems.map(({ file }) => file)])];
    const kept = this.#problems.filter((problem) => {
      if (problem.found === "empty") return !aliases.has(lineName(problem));
      return isError(problem) || !wrong.has(placeName(problem));
    });
    return files.flatMap((file) =>
      kept.filter((each) => each.file === file).toSorted((a, b) => a.line - b.line || a.column - b.column),
    );
  }

  #push(problem: Omit<ConfigProblem, "file" | "text">): void {
    const { file } = this.source;
    const text = this.source.line(problem.line);
    const same = (other: ConfigProblem): boolean =>
      other.file === file &&
      other.line === problem.line &&
      other.column === problem.column &&
      other.message === problem.message;
    if (!this.#problems.some(same)) this.#problems.push({ file, ...problem, text });
  }
}

function placeName({ file, line, column }: ConfigProblem): string {
  return `${file}:${line}:${column}`;
}

function lineName({ file, line }: ConfigProblem): string {
  return `${file}:${line}`;
}

function oneLine(problem: ConfigProblem): string {
  return `${problem.file}:${problem.line}:${problem.column}: ${problem.message}`;
}
