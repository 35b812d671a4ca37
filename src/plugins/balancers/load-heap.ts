/** The endpoint with the least load of all, found without looking at all: a binary heap that every start and end of an exchange moves. */
import type { Address, Candidate, Load, Random } from "linkspan/plugin";
import type { Choice } from "./choice.ts";

/** Put upon the load of who is not open: more than anybody has. */
const DOWN = 2 ** 40;

interface Node {
  readonly endpoint: Candidate;
  load: HeapLoad | undefined;
  /** Its place in the heap. */
  at: number;
  isDown: boolean;
}

/** The number of exchanges of an endpoint, whose place in its heap goes by it. */
export class HeapLoad implements Load {
  /** None while the endpoint is in no heap, as when it has left. */
  member: { readonly heap: LoadHeap; readonly node: Node } | undefined;
  outstanding = 0;

  started(): void {
    this.outstanding++;
    this.member?.heap.grew(this.member.node);
  }

  ended(): void {
    this.outstanding--;
    this.member?.heap.shrank(this.member.node);
  }

  cost(): number {
    return this.outstanding;
  }
}

/**
 * Who is found not to be open counts as having more than everybody else, until he is found open again: of those one is
 * looked at with each pick, and all when nobody else is left. One drawn from all is picked instead of the first where it is
 * as good: else few would share what little there is.
 */
export class LoadHeap implements Choice {
  readonly #random: Random;
  #heap: Node[] = [];
  #down: Node[] = [];
  #looked = 0;
  /** By their addresses, which are the same objects whoever stands for an endpoint. */
  #nodes = new Map<Address, Node>();

  constructor(random: Random) {
    this.#random = random;
  }

  update(endpoints: readonly Candidate[]): void {
    for (const { load } of this.#heap) if (load?.member?.heap === this) load.member = undefined;
    this.#down = [];
    this.#nodes = new Map();
    this.#heap = endpoints.map((endpoint, at) => {
      const node: Node = { endpoint, load: undefined, at, isDown: endpoint.status !== "open" };
      if (node.isDown) this.#down.push(node);
      this.#nodes.set(endpoint.address, node);
      this.#enter(node, endpoint.load);
      return node;
    });
    for (let at = this.#heap.length >> 1; at >= 0; at--) this.#sink(at);
  }

  joined(load: Load, { address }: Candidate): void {
    const node = this.#nodes.get(address);
    if (node !== undefined) this.#enter(node, load);
  }

  pick(): Candidate | undefined {
    const size = this.#heap.length;
    if (size < 2) return this.#heap[0]?.endpoint;
    this.#look();
    for (let top = this.#top(); !top.isDown && top.endpoint.status !== "open"; top = this.#top()) this.#mark(top);
    if (this.#top().isDown) this.#lookAtAll();
    const top = this.#top();
    const other = this.#heap[Math.floor(this.#random.next() * size)] as Node;
    const isAsGood = keyOf(other) === keyOf(top) && other.endpoint.status === top.endpoint.status;
    return (isAsGood ? other : top).endpoint;
  }

  /** Of a load. */
  grew({ at }: Node): void {
    this.#sink(at);
  }

  /** Of a load. */
  shrank({ at }: Node): void {
    this.#rise(at);
  }

  #enter(node: Node, load: Load): void {
    if (!(load instanceof HeapLoad)) return;
    node.load = load;
    load.member = { heap: this, node };
  }

  #top(): Node {
    return this.#heap[0] as Node;
  }

  #mark(node: Node): void {
    node.isDown = true;
    this.#down.push(node);
    this.#sink(node.at);
  }

  #look(): void {
    if (this.#down.length === 0) return;
    this.#looked = (this.#looked + 1) % this.#down.length;
    if ((this.#down[this.#looked] as Node).endpoint.status === "open") this.#raise(this.#looked);
  }

  #lookAtAll(): void {
    for (let at = this.#down.length - 1; at >= 0; at--) {
      if ((this.#down[at] as Node).endpoint.status === "open") this.#raise(at);
    }
  }

  #raise(at: number): void {
    const node = this.#down[at] as Node;
    const last = this.#down.pop() as Node;
    if (last !== node) this.#down[at] = last;
    node.isDown = false;
    this.#rise(node.at);
  }

  #rise(from: number): void {
    let at = from;
    while (at > 0 && keyOf(this.#heap[at] as Node) < keyOf(this.#heap[(at - 1) >> 1] as Node)) {
      this.#swap(at, (at - 1) >> 1);
      at = (at - 1) >> 1;
    }
  }

  #sink(from: number): void {
    const size = this.#heap.length;
    for (let at = from; ;) {
      let least = 2 * at + 1;
      if (least >= size) return;
      if (least + 1 < size && keyOf(this.#heap[least + 1] as Node) < keyOf(this.#heap[least] as Node)) least++;
      if (keyOf(this.#heap[at] as Node) <= keyOf(this.#heap[least] as Node)) return;
      this.#swap(at, least);
      at = least;
    }
  }

  #swap(one: number, other: number): void {
    const a = this.#heap[one] as Node;
    const b = this.#heap[other] as Node;
    this.#heap[one] = b;
    this.#heap[other] = a;
    b.at = one;
    a.at = other;
  }
}

function keyOf({ load, isDown }: Node): number {
  const outstanding = load?.outstanding ?? 0;
  return isDown ? outstanding + DOWN : outstanding;
}
