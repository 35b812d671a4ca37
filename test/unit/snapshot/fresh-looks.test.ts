import assert from "node:assert/strict";
import { test } from "node:test";
import { AddressSet } from "../../../src/base/address.ts";
import { failed, ok, type State, Var } from "../../../src/base/var.ts";
import { leaf, type NameTree, neg } from "../../../src/naming/name-tree.ts";
import type { Name, Namer } from "../../../src/naming/namer.ts";
import { Path } from "../../../src/naming/path.ts";
import { FreshLooks } from "../../../src/snapshot/fresh-looks.ts";
import { FakeClock } from "../../../src/testing/fake-clock.ts";

const users = Path.of("users");
const one = AddressSet.of([{ host: "10.0.0.1", port: 1, weight: 1 }]);
const never = new AbortController().signal;

class Site {
  readonly clock = new FakeClock();
  readonly opened: OpenedNamer[] = [];
  answer: State<NameTree<Name>> = ok<NameTree<Name>>(
    leaf<Name>({ kind: "bound", id: users, addresses: Var.of(one), residual: Path.empty }),
  );
  trouble: Error | undefined;
  readonly looks = new FreshLooks(async () => {
    if (this.trouble) throw this.trouble;
    const namer = new OpenedNamer(() => this.answer);
    this.opened.push(namer);
    return namer;
  }, this.clock);

  get closed(): readonly number[] {
    return this.opened.map((each) => each.closed);
  }
}

class OpenedNamer implements Namer {
  closed = 0;
  readonly #answer: () => State<NameTree<Name>>;

  constructor(answer: () => State<NameTree<Name>>) {
    this.#answer = answer;
  }

  lookup(): Var<NameTree<Name>> {
    return Var.source<NameTree<Name>>((set) => {
      set(this.#answer());
      return { [Symbol.dispose]: () => undefined };
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.closed++;
  }
}

const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("looks that follow each other share a namer, which is closed once when it is old", async () => {
  const site = new Site();
  assert.deepEqual(await site.looks.look(users, never), one);
  assert.deepEqual(await site.looks.look(users, never), one);
  site.clock.advance(5_000);
  await soon();
  assert.deepEqual(site.closed, [1]);
  await site.looks.look(users, never);
  assert.equal(site.opened.length, 2);
  await site.looks[Symbol.asyncDispose]();
  assert.deepEqual(site.closed, [1, 1]);
});

test("what is not there is nobody, and what cannot be said is an error", async () => {
  const site = new Site();
  site.answer = ok<NameTree<Name>>(neg);
  assert.equal(await site.looks.look(users, never), undefined);
  site.answer = failed(new Error("away"));
  await assert.rejects(site.looks.look(users, never), /away/);
  site.answer = ok<NameTree<Name>>(neg, { stale: { since: 0, cause: new Error("stale") } });
  await assert.rejects(site.looks.look(users, never), /stale/);
  await site.looks[Symbol.asyncDispose]();
});

test("a namer that cannot be opened is tried again by the next look", async () => {
  const site = new Site();
  site.trouble = new Error("no namer");
  await assert.rejects(site.looks.look(users, never), /no namer/);
  site.trouble = undefined;
  assert.deepEqual(await site.looks.look(users, never), one);
  await site.looks[Symbol.asyncDispose]();
  assert.equal(site.clock.waiting, 0);
});

test("when it is closed no timer is left, and no namer is open or closed twice", async () => {
  const site = new Site();
  await site.looks.look(users, never);
  await site.looks[Symbol.asyncDispose]();
  assert.equal(site.clock.waiting, 0);
  site.clock.advance(10_000);
  await soon();
  assert.deepEqual(site.closed, [1]);
});

test("a look that is under way when it is closed is waited for, once it is given up", async () => {
  const site = new Site();
  site.answer = { tag: "pending" };
  const asked = new AbortController();
  const look = site.looks.look(users, asked.signal);
  await soon();
  asked.abort(new Error("closing"));
  const closing = site.looks[Symbol.asyncDispose]();
  await assert.rejects(look, /closing/);
  await closing;
  assert.deepEqual([site.closed, site.clock.waiting], [[1], 0]);
});
