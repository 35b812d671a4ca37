/** System namers: hosts and ports, and addresses that DNS cannot empty. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type AddressSet, addressKey } from "../../../src/base/address.ts";
import type { Clock } from "../../../src/base/time.ts";
import type { State, Var } from "../../../src/base/var.ts";
import { leaves, type NameTree } from "../../../src/naming/name-tree.ts";
import type { Bound, Name, Namer } from "../../../src/naming/namer.ts";
import { Path } from "../../../src/naming/path.ts";
import { innateKinds, systemNamers } from "../../../src/naming/system-namers.ts";
import { bindNow, noDns, now } from "../../fakes/naming-fixture.ts";

/** A clock whose one timer the test fires, and a resolver that gives what the test lists. */
function world(answers: readonly (readonly string[] | Error)[]): {
  inet: Namer;
  fixedinet: Namer;
  timers: { ms: number; fn: () => void; live: boolean }[];
  asked: string[];
} {
  const timers: { ms: number; fn: () => void; live: boolean }[] = [];
  const asked: string[] = [];
  const clock: Clock = {
    now: () => 0,
    wall: () => 7,
    timer: (ms, fn) => {
      const timer = { ms, fn, live: true };
      timers.push(timer);
      return { [Symbol.dispose]: () => void (timer.live = false) };
    },
  };
  const addresses = (host: string): Promise<{ addresses: readonly string[]; ttlMs: number }> => {
    const next = answers[asked.length] ?? new Error("no more answers");
    asked.push(host);
    return next instanceof Error ? Promise.reject(next) : Promise.resolve({ addresses: next, ttlMs: 20_000 });
  };
  const namers = systemNamers({ clock, random: { next: () => 0 }, resolver: { addresses } });
  return { inet: namers.get("inet") as Namer, fixedinet: namers.get("fixedinet") as Namer, timers, asked };
}

function only(tree: Var<NameTree<Name>>): Bound {
  const state = now(tree);
  assert(state.tag === "ok");
  const [name] = leaves(state.value);
  assert(name?.kind === "bound");
  return name;
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const hosts = (state: State<AddressSet> | undefined): string =>
  state?.tag === "ok" ? state.value.addresses.map(addressKey).join(" ") : `${state?.tag}`;

test("what inet consumes is the id, and the rest the residual", () => {
  assert.equal(bindNow("", "/$/inet/1234/foobar"), "/$/inet/1234@/foobar");
  assert.equal(bindNow("", "/$/inet/host/80/a/b"), "/$/inet/host/80@/a/b");
  assert.equal(bindNow("", "/$/inet/1234/5678"), "/$/inet/1234/5678@/");
  for (const path of ["/$/inet", "/$/inet/host", "/$/inet/host/http", "/$/inet/host/99999"]) {
    assert.equal(bindNow("", path), `failed: Unknown namer: inet for path: ${path}`);
  }
});

test("nil is empty and fail fails, whatever follows", () => {
  assert.equal(bindNow("", "/$/nil/x/y"), "$");
  assert.equal(bindNow("", "/$/fail/x"), "!");
});

test("literals in the JVM's forms and localhost need no resolver", () => {
  const { inet, asked } = world([]);
  const shown = (path: string): string => hosts(now(only(inet.lookup(Path.read(path))).addresses));
  assert.equal(shown("/127.1/8080"), "127.0.0.1:8080");
  assert.equal(shown("/8080"), "127.0.0.1:8080");
  assert.equal(shown("/localhost/1"), "127.0.0.1:1");
  assert.equal(shown("/10.1.515/1"), "10.1.2.3:1");
  assert.equal(shown("/::1/1"), "[::1]:1");
  assert.deepEqual(asked, []);
});

test("a host is asked for again when its TTL is over, and trouble keeps what was known", async () => {
  const { inet, timers } = world([["10.0.0.2", "10.0.0.1"], [], new Error("SERVFAIL"), ["10.0.0.3"]]);
  const states: State<AddressSet>[] = [];
  const watching = only(inet.lookup(Path.read("/web/80"))).addresses.observe((state) => states.push(state));
  await settle();
  assert.equal(hosts(states.at(-1)), "10.0.0.1:80 10.0.0.2:80");
  assert.equal(timers[0]?.ms, 20_000);
  for (const cause of ["no addresses for host web", "SERVFAIL"]) {
    timers.at(-1)?.fn();
    await settle();
    const last = states.at(-1);
    assert.equal(hosts(last), "10.0.0.1:80 10.0.0.2:80");
    assert(last?.tag === "ok" && last.stale?.cause.message === cause);
  }
  timers.at(-1)?.fn();
  await settle();
  const last = states.at(-1);
  assert.equal(hosts(last), "10.0.0.3:80");
  assert(last?.tag === "ok" && !last.stale && last.confirmedAt === 7);
  watching[Symbol.dispose]();
  assert.equal(timers.at(-1)?.live, false);
});

test("a host that was never resolved is failed with the cause", async () => {
  const { inet } = world([new Error("NXDOMAIN")]);
  const states: State<AddressSet>[] = [];
  const watching = only(inet.lookup(Path.read("/web/80"))).addresses.observe((state) => states.push(state));
  await settle();
  const last = states.at(-1);
  assert(last?.tag === "failed" && last.cause.message === "NXDOMAIN");
  watching[Symbol.dispose]();
});

test("fixedinet asks once", async () => {
  const { fixedinet, timers, asked } = world([["10.0.0.1"]]);
  const watching = only(fixedinet.lookup(Path.read("/web/80"))).addresses.observe(() => undefined);
  await settle();
  assert.deepEqual([asked.length, timers.length], [1, 0]);
  watching[Symbol.dispose]();
});

test("rinet has the port first: its id is both, too little is neg, and what is no port is in the addresses", () => {
  assert.equal(bindNow("", "/$/io.buoyant.rinet/80/host/a/b"), "/$/io.buoyant.rinet/80/host@/a/b");
  assert.equal(bindNow("", "/$/io.buoyant.rinet/80"), "~");
  assert.equal(bindNow("", "/$/io.buoyant.rinet"), "~");
  const namer = noDns.get("io.buoyant.rinet") as Namer;
  const shown = (path: string): string => hosts(now(only(namer.lookup(Path.read(path))).addresses));
  assert.equal(shown("/8080/127.1"), "127.0.0.1:8080");
  const state = now(only(namer.lookup(Path.read("/http/127.1"))).addresses);
  assert(state.tag === "failed" && state.cause.message === "http is no port");
});

test("what is served without a plugin is what warnings take for served", () => {
  assert.deepEqual([...noDns.keys()].sort(), [...innateKinds].sort());
});
