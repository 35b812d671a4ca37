/** The namers that every interpreter has: hosts and ports as they are written, nobody, and refusal. */
import { type Address, AddressSet } from "../base/address.ts";
import type { Resolver } from "../base/dialer.ts";
import { Backoff, type Clock, type Random } from "../base/time.ts";
import { failed, ok, type State, Var } from "../base/var.ts";
import { parseIp } from "./ip-literal.ts";
import { empty, fail, leaf, type NameTree, neg } from "./name-tree.ts";
import type { Name, Namer } from "./namer.ts";
import { unknownNamer } from "./namer-table.ts";
import { Path } from "./path.ts";

export interface SystemNamersOptions {
  readonly resolver: Resolver;
  readonly clock: Clock;
  readonly random: Random;
}

/** What is reached under `/$/` without any plugin. */
export const innateKinds: readonly string[] = ["inet", "fixedinet", "nil", "fail", "io.buoyant.rinet"];

/** By kind. They hold nothing open but what is observed. */
export function systemNamers(options: SystemNamersOptions): ReadonlyMap<string, Namer> {
  return new Map<string, Namer>([
    ["inet", new InetNamer("inet", options, true)],
    ["fixedinet", new InetNamer("fixedinet", options, false)],
    ["io.buoyant.rinet", new ReversedInetNamer(options)],
    ["nil", new ConstantNamer(empty)],
    ["fail", new ConstantNamer(fail)],
  ]);
}

/** Says the same of every path. */
class ConstantNamer implements Namer {
  readonly #answer: Var<NameTree<Name>>;

  constructor(tree: NameTree<never>) {
    this.#answer = Var.of(tree);
  }

  lookup(): Var<NameTree<Name>> {
    return this.#answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Holds nothing.
  }
}

/** `<host>/<port>/...`, or `<port>/...` for the loopback. Always a leaf at once; what DNS says is in its addresses. */
class InetNamer implements Namer {
  readonly #kind: string;
  readonly #options: SystemNamersOptions;
  readonly #refresh: boolean;

  constructor(kind: string, options: SystemNamersOptions, refresh: boolean) {
    this.#kind = kind;
    this.#options = options;
    this.#refresh = refresh;
  }

  lookup(path: Path): Var<NameTree<Name>> {
    const [first = "", second = ""] = path.elems;
    const port = portOf(second);
    if (port !== undefined) return Var.of(this.#leaf(path, 2, first, port));
    const loopbackPort = portOf(first);
    if (loopbackPort !== undefined) return Var.of(this.#leaf(path, 1, "localhost", loopbackPort));
    return unknownNamer(this.#kind, Path.of("$", this.#kind).concat(path));
  }

  #leaf(path: Path, consumed: number, host: string, port: number): NameTree<Name> {
    const addresses = addressesOf(host, port, this.#options, this.#refresh);
    return leaf({ kind: "bound", id: path.take(consumed), addresses, residual: path.drop(consumed) });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Holds nothing.
  }
}

/** `<port>/<host>/...`, for those who have both in this order. */
class ReversedInetNamer implements Namer {
  readonly #options: SystemNamersOptions;

  constructor(options: SystemNamersOptions) {
    this.#options = options;
  }

  lookup(path: Path): Var<NameTree<Name>> {
    const [written, host] = path.elems;
    if (written === undefined || host === undefined) return Var.of<NameTree<Name>>(neg);
    const port = portOf(written);
    const addresses = port === undefined ? noPort(written) : addressesOf(host, port, this.#options, true);
    return Var.of<NameTree<Name>>(leaf({ kind: "bound", id: path.take(2), addresses, residual: path.drop(2) }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Holds nothing.
  }
}

function addressesOf(host: string, port: number, options: SystemNamersOptions, refresh: boolean): Var<AddressSet> {
  const ip = host === "localhost" ? "127.0.0.1" : parseIp(host);
  if (ip !== undefined) return Var.of(AddressSet.of([{ host: ip, port, weight: 1 }]));
  return Var.source<AddressSet>((set) => new HostWatch(host, port, options, refresh, set), {
    equals: (a, b) => a.equals(b),
    clock: options.clock,
  });
}

function noPort(written: string): Var<AddressSet> {
  return Var.source<AddressSet>((set) => {
    set(failed(new Error(`${written} is no port`)));
    return { [Symbol.dispose]: () => undefined };
  });
}

function portOf(text: string): number | undefined {
  if (!/^\d{1,5}$/.test(text)) return undefined;
  const port = Number(text);
  return port <= 65_535 ? port : undefined;
}

/** However short or long a TTL is. */
const MIN_REFRESH_MS = 1_000;
const MAX_REFRESH_MS = 300_000;
const RETRY_BASE_MS = 500;
const RETRY_CAP_MS = 10_000;

/** Asks for the addresses of a host when their TTL is over. An answer without any is trouble, not an empty set. */
class HostWatch implements Disposable {
  readonly #host: string;
  readonly #port: number;
  readonly #options: SystemNamersOptions;
  readonly #refresh: boolean;
  readonly #set: (state: State<AddressSet>) => void;
  readonly #backoff: Backoff;
  readonly #stop = new AbortController();
  #timer: Disposable | undefined;

  constructor(
    host: string,
    port: number,
    options: SystemNamersOptions,
    refresh: boolean,
    set: (state: State<AddressSet>) => void,
  ) {
    this.#host = host;
    this.#port = port;
    this.#options = options;
    this.#refresh = refresh;
    this.#set = set;
    this.#backoff = new Backoff(RETRY_BASE_MS, RETRY_CAP_MS, options.random);
    void this.#ask();
  }

  async #ask(): Promise<void> {
    const { signal } = this.#stop;
    let again: number | undefined;
    try {
      const { addresses, ttlMs } = await this.#options.resolver.addresses(this.#host, signal);
      if (signal.aborted) return;
      if (addresses.length === 0) throw new Error(`no addresses for host ${this.#host}`);
      this.#backoff.reset();
      again = this.#refresh ? Math.min(MAX_REFRESH_MS, Math.max(MIN_REFRESH_MS, ttlMs)) : undefined;
      const found = addresses.map((host): Address => ({ host, port: this.#port, weight: 1 }));
      this.#set(ok(AddressSet.of(found), { confirmedAt: this.#options.clock.wall() }));
    } catch (error) {
      if (signal.aborted) return;
      again = this.#backoff.next();
      this.#set(failed(error instanceof Error ? error : new Error(String(error))));
    }
    if (again !== undefined && !signal.aborted) this.#timer = this.#options.clock.timer(again, () => void this.#ask());
  }

  [Symbol.dispose](): void {
    this.#stop.abort(new Error("no longer observed"));
    this.#timer?.[Symbol.dispose]();
  }
}
