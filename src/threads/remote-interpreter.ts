/** The worker side of naming: an interpreter whose names the control thread binds, and which keeps what it was told. */
import { type State, Var } from "../base/var.ts";
import type { Delegation } from "../naming/delegation.ts";
import type { Dtab } from "../naming/dtab.ts";
import { type Interpreter, sameTree } from "../naming/interpreter.ts";
import type { NameTree } from "../naming/name-tree.ts";
import type { Bound } from "../naming/namer.ts";
import type { Path } from "../naming/path.ts";
import { AddressBook } from "./address-book.ts";
import { decodeState, decodeTree, idsOf, type StateData, type TreeData } from "./codecs.ts";
import { decodeDelegation } from "./delegation-codec.ts";
import type { BindingBatch, BindingRequest, BindingUpdate } from "./protocol.ts";

/** One name that somebody observes. */
interface Ask {
  readonly type: "bind" | "delegate";
  readonly id: number;
  readonly router: string;
  readonly dtab: string;
  readonly path: string;
  version: number;
  hear(update: BindingUpdate): void;
}

/**
 * All that a worker asked of the control thread. Without one, names keep their last state, those that nobody observes go,
 * and new ones stay pending; the next control thread is asked for everything again, and changes what has changed.
 */
export class RemoteBindings {
  readonly #asks = new Map<number, Ask>();
  readonly #book: AddressBook;
  #send: ((request: BindingRequest) => void) | undefined;
  #lastId = 0;

  constructor() {
    const nextId = (): number => ++this.#lastId;
    this.#book = new AddressBook((request) => this.#send?.(request), nextId);
  }

  /** Names that are observed now. */
  get size(): number {
    return this.#asks.size;
  }

  /** Bound ids that a tree names or that somebody follows. */
  get bound(): number {
    return this.#book.size;
  }

  /** Takes up a control thread, in place of an earlier one; or asks the same one for everything again. */
  attach(send: (request: BindingRequest) => void): void {
    this.#send = send;
    send({ type: "reset" });
    for (const ask of this.#asks.values()) this.#ask(ask);
    this.#book.askAgain();
  }

  /** The control thread is gone. */
  detach(): void {
    this.#send = undefined;
  }

  /** Everything of a batch is told in one turn. */
  hear({ batch, updates }: BindingBatch): void {
    for (const update of updates) {
      if (update.type === "addresses") this.#book.hear(update.id, update.version, update.state);
      else this.#asks.get(update.id)?.hear(update);
    }
    this.#send?.({ type: "ack", batch });
  }

  interpreterFor(router: string): Interpreter {
    return new RemoteInterpreter(this, router);
  }

  /**
   * Tells the control thread that nothing of this bound id accepts connections. True when its loss is held, as far as
   * this side knows: the news of what is believed then is under way.
   */
  unreachable(id: Path): boolean {
    const isHeld = this.#send !== undefined && this.#book.isHeld(id.show);
    this.#send?.({ type: "unreachable", path: id.show });
    return isHeld;
  }

  bind(router: string, local: Dtab, path: Path): Var<NameTree<Bound>> {
    const observed = (set: (state: State<NameTree<Bound>>) => void): Disposable => {
      let named: ReadonlySet<string> = new Set();
      const hear = (data: StateData<TreeData>): void => {
        // Who hears it may end this in the same turn, and then what is named now is forgotten.
        const before = named;
        named = data.tag === "ok" ? idsOf(data.value) : named;
        this.#book.mention(router, named);
        set(decodeState(data, (tree) => decodeTree(tree, (id) => this.#book.addressesOf(router, id))));
        this.#book.forget(before);
      };
      const ask = this.#open("bind", router, local, path, (update) => {
        if (update.type === "tree") hear(update.state);
      });
      return {
        [Symbol.dispose]: () => {
          this.#close(ask);
          this.#book.forget(named);
        },
      };
    };
    return Var.source(observed, { equals: sameTree });
  }

  delegate(router: string, local: Dtab, path: Path): Var<Delegation> {
    return Var.source((set) => {
      const ask = this.#open("delegate", router, local, path, (update) => {
        if (update.type !== "delegation") return;
        set(decodeState(update.state, (data) => decodeDelegation(data, (id) => this.#book.addressesOf(router, id))));
      });
      return { [Symbol.dispose]: () => this.#close(ask) };
    });
  }

  #open(type: Ask["type"], router: string, local: Dtab, path: Path, hear: Ask["hear"]): Ask {
    const heard = (update: BindingUpdate): void => {
      ask.version = update.version;
      hear(update);
    };
    const ask: Ask = {
      type,
      id: ++this.#lastId,
      router,
      dtab: local.show,
      path: path.show,
      version: 0,
      hear: heard,
    };
    this.#asks.set(ask.id, ask);
    this.#ask(ask);
    return ask;
  }

  #ask({ type, id, router, dtab, path, version }: Ask): void {
    this.#send?.({ type, id, router, dtab, path, version });
  }

  #close(ask: Ask): void {
    if (this.#asks.delete(ask.id)) this.#send?.({ type: "release", id: ask.id });
  }
}

/** The naming of one router in a worker. */
class RemoteInterpreter implements Interpreter {
  readonly #bindings: RemoteBindings;
  readonly #router: string;

  constructor(bindings: RemoteBindings, router: string) {
    this.#bindings = bindings;
    this.#router = router;
  }

  bind(local: Dtab, path: Path): Var<NameTree<Bound>> {
    return this.#bindings.bind(this.#router, local, path);
  }

  delegate(local: Dtab, path: Path): Var<Delegation> {
    return this.#bindings.delegate(this.#router, local, path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Everything that is asked is asked for an observer, and ends with it.
  }
}
