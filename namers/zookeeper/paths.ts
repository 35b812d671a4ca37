/** Paths of nodes: which are valid, and how they look from inside a chroot. */
import { ZkError } from "./zk-error.ts";

/** Throws `BAD_ARGUMENTS` for what a server would refuse. `open`: a sequence number follows, so it may end in "/". */
export function checkPath(path: string, open = false): void {
  const reason = objection(open && path.endsWith("/") && path !== "/" ? path.slice(0, -1) : path);
  if (reason) throw new ZkError("BAD_ARGUMENTS", `the path ${JSON.stringify(path)} ${reason}`);
}

function objection(path: string): string | undefined {
  if (!path.startsWith("/")) return "does not start with /";
  if (path === "/") return undefined;
  if (path.endsWith("/")) return "ends with /";
  if (/\p{Cc}/u.test(path) || /[\ud800-\uf8ff\ufff0-\uffff]/.test(path)) return "has letters that ZooKeeper refuses";
  const segments = path.split("/").slice(1);
  if (segments.includes("")) return "has an empty segment";
  return segments.includes(".") || segments.includes("..") ? "has a relative segment" : undefined;
}

/** Adds a prefix to every path that goes out, and takes it from every one that comes in. */
export class Chroot {
  readonly #prefix: string;

  /** `prefix` is "" or a path without "/" at its end. */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  add(path: string): string {
    if (this.#prefix === "") return path;
    return path === "/" ? this.#prefix : this.#prefix + path;
  }

  remove(path: string): string {
    if (this.#prefix === "" || !path.startsWith(this.#prefix)) return path;
    return path.length === this.#prefix.length ? "/" : path.slice(this.#prefix.length);
  }
}

export const join = (parent: string, child: string): string => (parent === "/" ? `/${child}` : `${parent}/${child}`);

/** The name directly below `parent`, or `undefined` for what is deeper or elsewhere. */
export function childOf(parent: string, path: string): string | undefined {
  const start = parent === "/" ? 1 : parent.length + 1;
  const name = path.slice(start);
  return path.startsWith(join(parent, "")) && name !== "" && !name.includes("/") ? name : undefined;
}
