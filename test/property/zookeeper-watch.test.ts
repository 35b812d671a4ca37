/** Whatever happens to connections and sessions, who watches ends up with what is in the tree. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { eventually } from "../../src/testing/eventually.ts";
import type { ZkClient } from "../../namers/zookeeper/client.ts";
import type { Watcher } from "../../namers/zookeeper/watcher.ts";
import { isZkError, ZkError } from "../../namers/zookeeper/zk-error.ts";
import { FakeZooKeeper } from "../fakes/zookeeper.ts";
import { openClient } from "../fakes/zookeeper-client.ts";

/** The children of a node with their data, kept by a watcher; how, is what the two kinds differ in. */
interface Follower extends Disposable {
  readonly view: ReadonlyMap<string, string>;
}

/** The plain recipe with one-time watches: read and watch, at every event read and watch again. */
class OneTimeFollower implements Follower {
  readonly view = new Map<string, string>();
  readonly #client: ZkClient;
  readonly #parent: Watcher;
  readonly #children = new Map<string, Watcher>();

  constructor(client: ZkClient) {
    this.#client = client;
    this.#parent = client.watcher(() => void this.list());
  }

  /** Its reads and their failures are ordered by the session, so the last answer is the newest. */
  async list(): Promise<void> {
    try {
      const listed = await this.#client.getChildren("/p", this.#parent);
      for (const name of [...this.#children.keys()].filter((each) => !listed.children.includes(each))) this.#drop(name);
      for (const name of listed.children) if (!this.#children.has(name)) this.#follow(name);
    } catch (error) {
      retry(error, () => this.list());
    }
  }

  #follow(name: string): void {
    const watcher = this.#client.watcher((event) => {
      if (event.type !== "deleted") return void this.#read(name, watcher);
      // One of that name may be there again already: that is another node.
      this.#drop(name);
      return void this.list();
    });
    this.#children.set(name, watcher);
    void this.#read(name, watcher);
  }

  async #read(name: string, watcher: Watcher): Promise<void> {
    try {
      const { data } = await this.#client.getData(`/p/${name}`, watcher);
      if (this.#children.get(name) === watcher) this.view.set(name, data.toString());
    } catch (error) {
      if (isZkError(error, "NO_NODE")) return this.list();
      if (this.#children.get(name) === watcher) retry(error, () => this.#read(name, watcher));
    }
    return undefined;
  }

  #drop(name: string): void {
    this.#children.get(name)?.[Symbol.dispose]();
    this.#children.delete(name);
    this.view.delete(name);
  }

  [Symbol.dispose](): void {
    this.#parent[Symbol.dispose]();
    for (const name of Array.from(this.#children.keys())) this.#drop(name);
  }
}

/** With one recursive watch: at every event, and after every gap, read all. */
class RecursiveFollower implements Follower {
  view: ReadonlyMap<string, string> = new Map();
  readonly #client: ZkClient;
  readonly #watcher: Watcher;
  #reading = 0;

  constructor(client: ZkClient) {
    this.#client = client;
    this.#watcher = client.watcher((event) => void (event.type === "lost" ? this.begin() : this.#read()));
  }

  async begin(): Promise<void> {
    try {
      await this.#client.addWatch("/p", "recursive", this.#watcher);
      await this.#read();
    } catch (error) {
      retry(error, () => this.begin());
    }
  }

  async #read(): Promise<void> {
    const reading = ++this.#reading;
    try {
      const { children } = await this.#client.getChildren("/p");
      const texts = await Promise.all(children.map((name) => this.#text(name)));
      if (reading === this.#reading) this.view = new Map(texts.flatMap((each) => each));
    } catch (error) {
      if (reading === this.#reading) retry(error, () => this.#read());
    }
  }

  async #text(name: string): Promise<[string, string][]> {
    try {
      return [[name, (await this.#client.getData(`/p/${name}`)).data.toString()]];
    } catch (error) {
      if (isZkError(error, "NO_NODE")) return [];
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#watcher[Symbol.dispose]();
  }
}

/** An operation that was lost is tried again; at the end of the client there is nothing to do. */
function retry(error: unknown, again: () => Promise<void>): void {
  if (!(error instanceof ZkError)) throw error;
  if (error.code !== "CLOSED") setTimeout(() => void again(), 2);
}

type Step =
  | { readonly kind: "set"; readonly name: string; readonly text: string }
  | { readonly kind: "remove"; readonly name: string }
  | { readonly kind: "cut" | "expire" | "turn" | "refuse" | "mend" | "refillAfterWipe" }
  | { readonly kind: "cutFrame"; readonly bytes: number }
  | { readonly kind: "fail"; readonly number: number };

const name = fc.constantFrom("a", "b", "c");
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("set" as const), name, text: fc.string({ maxLength: 3 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("remove" as const), name }) },
  { weight: 6, arbitrary: fc.constant({ kind: "turn" as const }) },
  { weight: 3, arbitrary: fc.constantFrom({ kind: "cut" as const }, { kind: "expire" as const }) },
  { weight: 2, arbitrary: fc.constantFrom({ kind: "refuse" as const }, { kind: "mend" as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("cutFrame" as const), bytes: fc.nat(40) }) },
  { weight: 1, arbitrary: fc.constant({ kind: "refillAfterWipe" as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("fail" as const), number: fc.constantFrom(-4, -112, -999) }) },
);

async function happen(server: FakeZooKeeper, each: Step): Promise<void> {
  switch (each.kind) {
    case "set":
      return server.set(`/p/${each.name}`, each.text);
    case "remove":
      return void (server.get(`/p/${each.name}`) === undefined || server.remove(`/p/${each.name}`));
    case "cut":
      return server.cut();
    case "expire":
      return server.expireSession();
    case "refuse":
      return server.refuse();
    case "mend":
      return server.refuse(false);
    case "cutFrame":
      return server.cutNextFrameAfter(each.bytes);
    case "fail":
      return server.failNext(each.number);
    case "refillAfterWipe":
      server.wipe();
      return server.set("/p");
    case "turn":
      await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const followers = {
  "one-time watches": (client: ZkClient) => {
    const follower = new OneTimeFollower(client);
    void follower.list();
    return follower;
  },
  "a recursive watch": (client: ZkClient) => {
    const follower = new RecursiveFollower(client);
    void follower.begin();
    return follower;
  },
};

for (const [how, follow] of Object.entries(followers)) {
  test(`after any changes, cuts and expiries, who follows by ${how} sees the tree as it is`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        await using server = await FakeZooKeeper.start();
        server.set("/p");
        await using opened = openClient(server.connectString, { sessionTimeoutMs: 30_000 });
        using follower: Follower = follow(opened.client);
        await opened.connected();
        for (const each of steps) await happen(server, each);
        server.refuse(false);
        const wanted = (): string =>
          JSON.stringify(server.children("/p").map((each) => [each, server.get(`/p/${each}`)]));
        await eventually("the view is the tree", () => JSON.stringify([...follower.view].sort()) === wanted(), 8_000);
        // What is told from now on must still be heard.
        server.set("/p/last", "word");
        await eventually("the last change is seen", () => follower.view.get("last") === "word");
        assert.deepEqual(
          opened.log.lines.filter((line) => line.event === "bug"),
          [],
        );
      }),
      { numRuns: 50 },
    );
  });
}
