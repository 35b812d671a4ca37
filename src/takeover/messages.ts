/** What is said at a daemon's door: a line of JSON to it, and lines of JSON back. */

/** Who is to take over: a command line of its own, so that a newer version can. */
export interface SuccessionRequest {
  /** The executable and what precedes the arguments: Node, its options, the script. */
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

export type SuccessionNews =
  | { readonly type: "started"; readonly pid: number }
  /** It serves; the daemon that was asked drains now. */
  | { readonly type: "ready"; readonly pid: number }
  /** The daemon that was asked serves on. */
  | { readonly type: "failed"; readonly cause: string };

/** Of a request, environment included. */
const MAX_LINE = 1024 * 1024;

/** Calls `heard` with each line's value. Throws, from `feed`, on what is no JSON or too long. */
export class JsonLines {
  #text = "";
  readonly #heard: (value: unknown) => void;

  constructor(heard: (value: unknown) => void) {
    this.#heard = heard;
  }

  feed(text: string): void {
    this.#text += text;
    for (let end = this.#text.indexOf("\n"); end >= 0; end = this.#text.indexOf("\n")) {
      const line = this.#text.slice(0, end);
      this.#text = this.#text.slice(end + 1);
      this.#heard(JSON.parse(line));
    }
    if (this.#text.length > MAX_LINE) throw new Error("a line is too long");
  }
}

export function readRequest(value: unknown): SuccessionRequest {
  const { command, args, cwd, env } = (value ?? {}) as Partial<SuccessionRequest>;
  const areTexts = (list: unknown): list is string[] => Array.isArray(list) && list.every((x) => typeof x === "string");
  const good = areTexts(command) && command.length > 0 && areTexts(args) && typeof cwd === "string";
  if (!good || typeof env !== "object" || env === null) throw new Error("no request to take over");
  return { command, args, cwd, env };
}
