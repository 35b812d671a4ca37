/** What a plugin of the family `interpreter` is given, and what becomes of a dtab that it follows. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MetricsRegistry } from "../../src/base/metrics-registry.ts";
import { Scope } from "../../src/base/scope.ts";
import { builtins } from "../../src/builtins.ts";
import { parseConfig } from "../../src/config/load.ts";
import { definePlugin, type InterpreterContext } from "../../src/config/plugin.ts";
import { s } from "../../src/config/schema.ts";
import { openInterpreter } from "../../src/interpreter-root.ts";
import { Dtab } from "../../src/naming/dtab.ts";
import type { DtabListener } from "../../src/naming/dtab-source.ts";
import { Path } from "../../src/naming/path.ts";
import { Memory } from "../../src/snapshot/memory.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { FollowedVar } from "../../src/testing/followed-var.ts";
import { testContext } from "../../src/testing/plugin-context.ts";
import { RecordingLog } from "../../src/testing/recording-log.ts";
import { noDns, showState } from "../fakes/naming-fixture.ts";

/** An interpreter of a third party: its dtab is what the test says. */
async function scene(routerDtab = "", memory?: Memory) {
  const clock = new FakeClock();
  const log = new RecordingLog();
  const metrics = new MetricsRegistry();
  const owner = new Scope();
  const listeners = new Set<DtabListener>();
  const ended: string[] = [];
  let given: InterpreterContext | undefined;
  const plugin = definePlugin({
    api: 1,
    family: "interpreter",
    kind: "com.acme.dtab",
    schema: s.object({}),
    create(_, context) {
      given = context;
      return context.interpret({
        place: "acme",
        follow(listener) {
          listeners.add(listener);
          return { [Symbol.dispose]: () => void (listeners.delete(listener), ended.push("follow")) };
        },
        confirm: async () => ({ text: undefined }),
        [Symbol.asyncDispose]: async () => void ended.push("source"),
      });
    },
  });
  const router = {
    protocol: "http",
    label: "out",
    dtab: routerDtab,
    servers: [{ port: 0 }],
    interpreter: { kind: plugin.kind },
  };
  const config = await parseConfig(JSON.stringify({ routers: [router] }), {
    file: "f",
    baseDir: "/",
    builtins: [...builtins, plugin],
  });
  const [first] = config.routers;
  assert.ok(first);
  const context = testContext({ clock, log, metrics, label: "out" });
  const parts = { router: first, context, namers: [], systemNamers: noDns, memory };
  const interpreter = await openInterpreter(parts, owner);
  const metric = (name: string): number => {
    const series = metrics.families().find(({ spec }) => spec.name === name)?.series[0];
    return series && "value" in series ? series.value : NaN;
  };
  return {
    clock,
    log,
    owner,
    listeners,
    ended,
    interpreter,
    metric,
    get given() {
      assert.ok(given);
      return given;
    },
    says: (text: string) => listeners.forEach((listener) => listener.heard({ text })),
    fails: (message: string) => listeners.forEach((listener) => listener.failed(new Error(message))),
    bind: (name: string, local = "") => new FollowedVar(interpreter.bind(Dtab.read(local), Path.read(name))),
  };
}

test("a daemon follows a source from its start, so that what was good then serves the first name", async () => {
  const each = await scene("", new Memory());
  assert.equal(each.listeners.size, 1);
  each.says("/svc => /$/inet/127.0.0.1/1");
  each.fails("broken since");
  {
    using name = each.bind("/svc/a");
    assert.equal(showState(name.state), "/$/inet/127.0.0.1/1@/a");
    assert.ok(name.isStale);
  }
  await each.owner.close();
  assert.equal(each.listeners.size, 0);
});

test("a command follows a source from the first name on, once, and until its owner closes", async () => {
  const each = await scene();
  assert.equal(each.listeners.size, 0);
  assert.deepEqual(each.interpreter.watches?.(), []);
  {
    using first = each.bind("/svc/a");
    using _ = each.bind("/svc/b");
    assert.equal(first.state.tag, "pending");
    assert.equal(each.listeners.size, 1);
  }
  assert.equal(each.listeners.size, 1);
  await each.owner.close();
  assert.deepEqual(each.ended, ["follow", "source"]);
  assert.equal(each.clock.waiting, 0);
});

test("the last good dtab outlives an outage in which no name is used", async () => {
  const each = await scene();
  {
    using name = each.bind("/svc/a");
    each.says("/svc => /$/nil");
    assert.equal(name.state.tag, "ok");
  }
  each.fails("gone");
  each.clock.advance(3_600_000);
  using name = each.bind("/svc/a");
  assert.equal(name.state.tag, "ok");
  assert.ok(name.isStale);
});

test("a plugin is given the router's dtab, which lies over its own", async () => {
  const each = await scene("/svc/a => /$/inet/127.0.0.1/1");
  using dtab = new FollowedVar(each.given.dtab);
  assert.equal(dtab.value?.show, "/svc/a=>/$/inet/127.0.0.1/1");
  using a = each.bind("/svc/a");
  using b = each.bind("/svc/b");
  assert.equal(a.state.tag, "pending");
  each.says("/svc/a => /$/inet/127.0.0.1/2 ; /svc/b => /$/inet/127.0.0.1/2");
  assert.equal(showState(a.state), "/$/inet/127.0.0.1/1@/");
  assert.equal(showState(b.state), "/$/inet/127.0.0.1/2@/");
});

test("its versions, its rules and its age are in the metrics, and its changes in the log", async () => {
  const each = await scene();
  using _ = each.bind("/svc/a");
  each.says("/svc => /a ; /a => /b");
  each.says("/svc => /a ; /a => /b");
  each.says("/svc => /a ;");
  assert.equal(each.metric("linkspan_dtab_updates_total"), 2);
  assert.equal(each.metric("linkspan_dtab_dentries"), 1);
  assert.equal(each.metric("linkspan_dtab_stale_seconds"), 0);
  assert.deepEqual(
    each.log.told("dtab.changed").map(({ fields }) => [fields["place"], fields["dentries"]]),
    [
      ["acme", 2],
      ["acme", 1],
    ],
  );
  each.fails("gone");
  each.clock.advance(40_000);
  assert.equal(each.metric("linkspan_dtab_stale_seconds"), 40);
  assert.equal(each.metric("linkspan_dtab_dentries"), 1);
});

test("one outage is told once, however often it fails", async () => {
  const each = await scene();
  using _ = each.bind("/svc/a");
  each.says("/svc => /a");
  for (let n = 0; n < 5; n++) each.fails("gone");
  assert.equal(each.log.told("dtab.stale").length, 1);
  each.says("/svc => /a");
  assert.equal(each.log.told("dtab.recovered").length, 1);
});

test("a loss that is held is believed when that is ordered", async () => {
  const each = await scene();
  using name = each.bind("/svc/a");
  each.says("/svc => /$/inet/127.0.0.1/1");
  assert.equal(each.interpreter.release?.("/acme", "ordered"), false);
  each.says("");
  assert.ok(name.isHeld);
  assert.equal(each.interpreter.watches?.()[0]?.state, "held");
  assert.equal(each.interpreter.release?.("/other", "ordered"), false);
  assert.equal(each.interpreter.release?.("/acme", "unreachable"), false);
  assert.equal(each.interpreter.release?.("/acme", "ordered"), true);
  assert.equal(showState(name.state), "~");
});
