/** What a worker asks of the control thread, for as long as it is observed: what a name is bound to, and how. */
import { Machine } from "../base/cell.ts";
import type { VarOptions } from "../base/var.ts";
import type { Delegation } from "../naming/delegation.ts";
import type { Dtab } from "../naming/dtab.ts";
import { sameTree } from "../naming/interpreter.ts";
import type { NameTree } from "../naming/name-tree.ts";
import type { Bound } from "../naming/namer.ts";
import type { Path } from "../naming/path.ts";
import type { AddressBook } from "./address-book.ts";
import { decodeState, decodeTree, idsOf } from "./codecs.ts";
import { decodeDelegation } from "./delegation-codec.ts";
import type { BindingUpdate } from "./protocol.ts";

export interface Asked {
  readonly router: string;
  readonly local: Dtab;
  readonly path: Path;
}

/** What asks need of all that a worker asks. */
export interface Asker {
  readonly book: AddressBook;
  /** It is observed from now on; returns its number. */
  opened(ask: OpenAsk): number;
  closed(ask: OpenAsk): void;
}

/** An ask as it is put to the control thread. */
export interface OpenAsk {
  readonly type: "bind" | "delegate";
  /** A new one each time that it is asked for. */
  readonly id: number;
  readonly router: string;
  readonly dtab: string;
  readonly path: string;
  /** Of the last update that was heard. */
  readonly version: number;
  hear(update: BindingUpdate): void;
}

/** There is one for each route, so it keeps little. */
abstract class Ask<T> extends Machine<T> implements OpenAsk, Disposable {
  readonly router: string;
  readonly dtab: string;
  readonly path: string;
  id = 0;
  version = 0;
  protected readonly asker: Asker;

  constructor({ router, local, path }: Asked, asker: Asker, options: VarOptions<T>) {
    super(options);
    this.router = router;
    this.dtab = local.show;
    this.path = path.show;
    this.asker = asker;
  }

  abstract get type(): OpenAsk["type"];
  protected abstract told(update: BindingUpdate): void;

  hear(update: BindingUpdate): void {
    this.version = update.version;
    this.told(update);
  }

  protected start(): Disposable {
    this.version = 0;
    this.id = this.asker.opened(this);
    return this;
  }

  /** The Machine ends its source. */
  [Symbol.dispose](): void {
    this.asker.closed(this);
  }
}

const NONE: readonly string[] = [];
const byTree: VarOptions<NameTree<Bound>> = { equals: sameTree };

export class RemoteName extends Ask<NameTree<Bound>> {
  /** The ids of the tree that was heard last. */
  #named = NONE;

  constructor(asked: Asked, asker: Asker) {
    super(asked, asker, byTree);
  }

  get type(): "bind" {
    return "bind";
  }

  protected told(update: BindingUpdate): void {
    if (update.type !== "tree") return;
    const { state } = update;
    const { book } = this.asker;
    // Who hears it may end this in the same turn, and then what is named now is forgotten.
    const before = this.#named;
    this.#named = state.tag === "ok" ? idsOf(state.value) : before;
    book.mention(this.router, this.#named);
    this.say(decodeState(state, (tree) => decodeTree(tree, (id) => book.addressesOf(this.router, id))));
    book.forget(before);
  }

  override [Symbol.dispose](): void {
    const named = this.#named;
    this.#named = NONE;
    super[Symbol.dispose]();
    this.asker.book.forget(named);
  }
}

export class RemoteExplanation extends Ask<Delegation> {
  constructor(asked: Asked, asker: Asker) {
    super(asked, asker, {});
  }

  get type(): "delegate" {
    return "delegate";
  }

  protected told(update: BindingUpdate): void {
    if (update.type !== "delegation") return;
    const { book } = this.asker;
    this.say(decodeState(update.state, (data) => decodeDelegation(data, (id) => book.addressesOf(this.router, id))));
  }
}
