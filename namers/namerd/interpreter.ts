/** An interpreter that has its names bound by a namerd, over its HTTP API. */
import {
  type Bound,
  type ClientTlsConfig,
  type Delegation,
  type Dtab,
  failed,
  type Interpreter,
  type InterpreterContext,
  type Namer,
  type NameTree,
  ok,
  Path,
  type State,
  treeEquals,
  Var,
  type WatchView,
} from "linkspan/plugin";
import { pathOf } from "./asked-path.ts";
import { delegationOf } from "./delegation.ts";
import { NamerdNamer } from "./namer.ts";
import { NamerdServer } from "./server.ts";
import { apiPath, askOnce } from "./stream.ts";

export interface NamerdOptions {
  readonly dst: Path;
  readonly namespace: string;
  readonly retry: { readonly baseSeconds: number; readonly maxSeconds: number };
  readonly tls: ClientTlsConfig | undefined;
}

export class NamerdInterpreter implements Interpreter {
  readonly #options: NamerdOptions;
  readonly #context: InterpreterContext;
  /** For explanations. */
  readonly #server: NamerdServer;
  readonly #namer: Namer;

  constructor(options: NamerdOptions, context: InterpreterContext) {
    const { namespace, retry } = options;
    this.#options = options;
    this.#context = context;
    this.#server = new NamerdServer(options, context);
    const times = { minMs: retry.baseSeconds * 1_000, maxMs: retry.maxSeconds * 1_000 };
    // Each has connections of its own, so that a second look is on one that is new.
    this.#namer = context.remember((given) => {
      const server = new NamerdServer(options, context);
      return new NamerdNamer({ server, namespace, retry: times }, given);
    });
  }

  bind(local: Dtab, path: Path): Var<NameTree<Bound>> {
    const bound = (dtab: Dtab): Var<NameTree<Bound>> =>
      this.#namer.lookup(pathOf(dtab.concat(local), path)).map((tree) => tree as NameTree<Bound>);
    return this.#context.dtab.flatMap(bound, { equals: sameTree });
  }

  /** Asked once for each observer: what it says is of that moment. */
  delegate(local: Dtab, path: Path): Var<Delegation> {
    return this.#context.dtab.flatMap((dtab) => this.#explained(dtab.concat(local), path));
  }

  /** The same by another dtab in place of the router's; namerd's own lies below it. */
  delegateBy(dtab: Dtab, path: Path): Var<Delegation> {
    return this.#explained(dtab, path);
  }

  watches(): readonly WatchView[] {
    return this.#namer.watches?.() ?? [];
  }

  release(name: string, why: "ordered" | "unreachable"): boolean {
    return this.#namer.release?.(Path.read(name), why) === true;
  }

  /** The namer is its owner's, and closed by then. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#server[Symbol.asyncDispose]();
  }

  #explained(dtab: Dtab, path: Path): Var<Delegation> {
    return Var.source<Delegation>((set) => {
      const end = new AbortController();
      void this.#explain(dtab, path, end.signal).then(set);
      return { [Symbol.dispose]: () => end.abort(new Error("nobody waits for the explanation any more")) };
    });
  }

  async #explain(dtab: Dtab, path: Path, signal: AbortSignal): Promise<State<Delegation>> {
    const query = { path: path.show, ...(dtab.size === 0 ? {} : { dtab: dtab.show }) };
    try {
      const tree = await askOnce(this.#server, apiPath("delegate", this.#options.namespace, query), signal);
      return ok(delegationOf(tree, path, { local: dtab, place: `namerd:${this.#options.namespace}` }));
    } catch (error) {
      const cause = error as Error;
      const root = { kind: "exception", path, used: true, message: cause.message } as const;
      return ok({ path, root, outcome: failed(cause), steps: 0 });
    }
  }
}

function sameTree(a: NameTree<Bound>, b: NameTree<Bound>): boolean {
  return treeEquals(
    a,
    b,
    (one, other) => one.addresses === other.addresses && one.id.equals(other.id) && one.residual.equals(other.residual),
  );
}
