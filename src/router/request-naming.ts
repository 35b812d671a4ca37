/** Names requests: asks a router's identifiers in order, and reads what the one that knows says. */
import { type Failure, failure } from "../base/failure.ts";
import type { Exchange } from "../http/exchange.ts";
import { Dtab } from "../naming/dtab.ts";
import type { Path } from "../naming/path.ts";
import type { Identifier } from "./identifier.ts";

/** What a request is taken for. */
export interface RequestName {
  readonly path: Path;
  /** What the request brings with it. */
  readonly local: Dtab;
}

/** One for a router: what it found last holds until it looks again. */
export class RequestNaming {
  /** By which the last key was found: its place in the list. */
  at = 0;
  /** Why the last request got no key. */
  reason = "No identifier is configured.";
  /** Whether one of those that did not know the last request will know more. */
  isWaiting = false;
  readonly #identifiers: readonly Identifier[];
  readonly #localDtab: number;

  /** `localDtab` is the slot in which the server tier leaves the dtab of a request. */
  constructor(identifiers: readonly Identifier[], localDtab: number) {
    this.#identifiers = identifiers;
    this.#localDtab = localDtab;
  }

  /** The same for requests of the same name and dtab, and for no others; `undefined` where no identifier knows it. */
  key(x: Exchange): string | undefined {
    const identifiers = this.#identifiers;
    this.isWaiting = false;
    for (let at = 0; at < identifiers.length; at++) {
      const identifier = identifiers[at] as Identifier;
      const name = identifier.key(x);
      if (name === undefined) {
        if (!this.isWaiting) this.reason = identifier.reason;
        this.isWaiting ||= identifier.isWaiting === true;
        continue;
      }
      this.at = at;
      const own = at === 0 ? name : `\n${at}\n${name}`;
      const local = x.values[this.#localDtab] as string | undefined;
      // No name has a line feed in it: they come from one line of a request's head.
      return local === undefined ? own : `${local}\n${own}`;
    }
    return undefined;
  }

  /** Of a request without a key. */
  unknown(): Failure {
    const code = this.isWaiting ? "name.unavailable" : "request.unidentified";
    return failure(code, `Unknown destination: ${this.reason}`);
  }

  /** Of the request whose key was found last. */
  read(x: Exchange): RequestName | Failure {
    let path: Path;
    try {
      path = (this.#identifiers[this.at] as Identifier).path(x);
    } catch (error) {
      return failure("request.unidentified", `Unknown destination: ${messageOf(error)}`);
    }
    try {
      const local = x.values[this.#localDtab] as string | undefined;
      return { path, local: local === undefined ? Dtab.empty : Dtab.read(local) };
    } catch (error) {
      return failure("request.malformed", `Invalid dtab: ${messageOf(error)}`);
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
