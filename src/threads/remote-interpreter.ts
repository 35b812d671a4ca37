/** The worker side of naming: an interpreter whose names the control thread binds, and which keeps what it was told. */
import type { Var } from "../base/var.ts";
import type { Delegation } from "../naming/delegation.ts";
import type { Dtab } from "../naming/dtab.ts";
import type { Interpreter } from "../naming/interpreter.ts";
import type { NameTree } from "../naming/name-tree.ts";
import type { Bound } from "../naming/namer.ts";
import type { Path } from "../naming/path.ts";
import { AddressBook } from "./address-book.ts";
import type { BindingBatch, BindingRequest } from "./protocol.ts";
import { type Asker, type OpenAsk, RemoteExplanation, RemoteName } from "./remote-ask.ts";

/**
 * All that a worker asked of the control thread. Without one, names keep their last state, those that nobody observes go,
 * and new ones stay pending; the next control thread is asked for everything again, and changes what has changed.
 */
export class RemoteBindings implements Asker {
  readonly book: AddressBook;
  readonly #asks = new Map<number, OpenAsk>();
  #send: ((request: BindingRequest) => void) | undefined;
  #lastId = 0;

  constructor() {
    const nextId = (): number => ++this.#lastId;
    this.book = new AddressBook((request) => this.#send?.(request), nextId);
  }

  /** Names that are observed now. */
  get size(): number {
    return this.#asks.size;
  }

  /** Bound ids that a tree names or that somebody follows. */
  get bound(): number {
    return this.book.size;
  }

  /** Takes up a control thread, in place of an earlier one; or asks the same one for everything again. */
  attach(send: (request: BindingRequest) => void): void {
    this.#send = send;
    send({ type: "reset" });
    for (const [id, ask] of this.#asks) this.#ask(ask, id);
    this.book.askAgain();
  }

  /** The control thread is gone. */
  detach(): void {
    this.#send = undefined;
  }

  /** Everything of a batch is told in one turn. */
  hear({ batch, updates }: BindingBatch): void {
    for (const update of updates) {
      if (update.type === "addresses") this.book.hear(update.id, update.version, update.state);
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
    const isHeld = this.#send !== undefined && this.book.isHeld(id.show);
    this.#send?.({ type: "unreachable", path: id.show });
    return isHeld;
  }

  bind(router: string, local: Dtab, path: Path): Var<NameTree<Bound>> {
    return new RemoteName({ router, local, path }, this);
  }

  delegate(router: string, local: Dtab, path: Path): Var<Delegation> {
    return new RemoteExplanation({ router, local, path }, this);
  }

  /** Of an ask. */
  opened(ask: OpenAsk): number {
    const id = ++this.#lastId;
    this.#asks.set(id, ask);
    this.#ask(ask, id);
    return id;
  }

  closed({ id }: OpenAsk): void {
    if (this.#asks.delete(id)) this.#send?.({ type: "release", id });
  }

  #ask({ type, router, dtab, path, version }: OpenAsk, id: number): void {
    this.#send?.({ type, id, router, dtab, path, version });
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
