import assert from "node:assert/strict";
import { test } from "node:test";
import { callable, TargetAddresses } from "../../../../namers/dns-srv/target-addresses.ts";

const never = new AbortController().signal;
const additional = (name: string, address: string, ttlMs = 5_000) => ({ type: "A" as const, name, address, ttlMs });
const noSuchHost = (): Error => Object.assign(new Error("no such host"), { code: "ENOTFOUND" });

/** A resolver that answers as it is told, by whole name. */
function targets() {
  const answers = new Map<string, () => readonly string[]>();
  const asked: string[] = [];
  const resolve = {
    async addresses(host: string) {
      asked.push(host);
      return { addresses: (answers.get(host) ?? assert.fail)(), ttlMs: 60_000 };
    },
  };
  return { all: new TargetAddresses(resolve), answers, asked };
}

test("what the server sent along is taken, and nobody is asked about it", async () => {
  const { all, asked } = targets();
  const sent = [additional("a", "10.0.0.1"), additional("a", "10.0.0.2", 3_000), additional("b", "10.0.0.3")];
  const found = await all.of(["a", "a"], sent, never);
  assert.deepEqual([...found], [["a", { addresses: ["10.0.0.1", "10.0.0.2"], ttlMs: 3_000 }]]);
  assert.deepEqual(asked, []);
});

test("else each host is resolved once, by its whole name", async () => {
  const { all, answers, asked } = targets();
  answers.set("a.", () => ["fd00::1", "10.0.0.1"]);
  const found = await all.of(["a", "a"], [], never);
  assert.deepEqual(found.get("a"), { addresses: ["10.0.0.1"], ttlMs: 60_000 });
  assert.deepEqual(asked, ["a."]);
});

test("a host that cannot be asked about keeps what it had, and is an error where it had nothing", async () => {
  const { all, answers } = targets();
  answers.set("a.", () => ["10.0.0.1"]);
  await all.of(["a"], [], never);
  const fails = (): never => {
    throw new Error("the server is down");
  };
  answers.set("a.", fails).set("b.", fails);
  const found = await all.of(["a", "b"], [], never);
  assert.deepEqual(found.get("a"), { addresses: ["10.0.0.1"], ttlMs: 60_000 });
  assert.match(String(found.get("b")), /the server is down/);
  // It is the last reading's that is kept, and no older one's.
  await all.of(["c"], [additional("c", "10.0.0.3")], never);
  assert.ok((await all.of(["a"], [], never)).get("a") instanceof Error);
});

test("a host that is not there is not there, whatever it had", async () => {
  const { all, answers } = targets();
  answers.set("a.", () => ["10.0.0.1"]);
  await all.of(["a"], [], never);
  answers.set("a.", () => {
    throw noSuchHost();
  });
  const found = await all.of(["a"], [], never);
  assert.ok(found.has("a"));
  assert.equal(found.get("a"), undefined);
});

test("where the question was given up nothing is found", async () => {
  const { all, answers } = targets();
  const end = new AbortController();
  answers.set("a.", () => {
    end.abort(new Error("given up"));
    throw new Error("the server is down");
  });
  await assert.rejects(all.of(["a"], [], end.signal), /given up/);
});

test("of both families IPv4 is called", () => {
  assert.deepEqual(callable(["fd00::1", "10.0.0.1"]), ["10.0.0.1"]);
  assert.deepEqual(callable(["fd00::1"]), ["fd00::1"]);
});
