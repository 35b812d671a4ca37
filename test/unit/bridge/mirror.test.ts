import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Path } from "../../../src/naming/path.ts";
import { instanceAt, instancesAt, HOME, MirrorScene } from "../../fakes/mirror-scene.ts";

const CYCLE = 10_000;

describe("a mirror that runs", () => {
  it("publishes what is ready, with where it is at home, and nothing of what is not", async () => {
    await using scene = new MirrorScene();
    scene.says([instanceAt(1), instanceAt(2, { ready: false })]);
    const { mirror } = await scene.running();
    assert.equal(scene.stands(), "i-1");
    assert.deepEqual(scene.registry.at(Path.of("users"))[0]?.instance, { ...instanceAt(1), origin: HOME });
    assert.equal(mirror.status().role, "leading");
  });

  it("agrees once it has read what it wrote", async () => {
    await using scene = new MirrorScene();
    scene.says(instancesAt(1, 2));
    const { mirror } = await scene.running();
    await scene.pass(CYCLE);
    const { targets, agreedAt } = mirror.status();
    assert.equal(targets[0]?.state, "agreed");
    assert.equal(agreedAt, scene.clock.wall());
  });

  it("withdraws at once what is not ready any more, however many", async () => {
    await using scene = new MirrorScene();
    scene.says(instancesAt(1, 2, 3, 4));
    await scene.running();
    scene.says([1, 2, 3, 4].map((n) => instanceAt(n, { ready: false })));
    await scene.pass(0);
    assert.equal(scene.stands(), "");
  });

  it("withdraws at once what a sound source deletes one by one", async () => {
    await using scene = new MirrorScene();
    scene.says(instancesAt(1, 2, 3));
    await scene.running();
    scene.says(instancesAt(1, 3));
    await scene.pass(0);
    assert.equal(scene.stands(), "i-1,i-3");
  });

  it("begins to count anew when what is to go is to go for another reason", async () => {
    await using scene = new MirrorScene();
    scene.says(instancesAt(1, 2, 3));
    await scene.running();
    scene.registry.native(Path.of("users"), instanceAt(3, { id: "native" }));
    await scene.pass(2 * CYCLE);
    assert.equal(scene.stands(), "i-1,i-2,i-3,n:native");
    scene.registry.removeNative(Path.of("users"), "native");
    scene.says(instancesAt(1));
    await scene.pass(CYCLE);
    assert.equal(scene.stands(), "i-1,i-2,i-3");
  });

  it("deletes one a cycle, after three that agree, of what a source has lost at once", async () => {
    await using scene = new MirrorScene();
    scene.says(instancesAt(1, 2, 3, 4));
    const { mirror } = await scene.running();
    scene.says([]);
    await scene.pass(CYCLE);
    await scene.pass(CYCLE);
    assert.equal(scene.stands(), "i-1,i-2,i-3,i-4");
    assert.equal(mirror.status().totals.held, 4);
    await scene.pass(CYCLE);
    assert.equal(scene.stands(), "i-2,i-3,i-4");
    await scene.pass(CYCLE);
    assert.equal(scene.stands(), "i-3,i-4");
  });

  it("changes nothing while the source fails, is stale, or was never heard", async () => {
    await using scene = new MirrorScene();
    const { mirror } = await scene.running();
    await scene.pass(CYCLE);
    assert.equal(scene.stands(), "");
    scene.says(instancesAt(1, 2));
    await scene.pass(0);
    scene.fails();
    await scene.pass(10 * CYCLE);
    assert.equal(scene.stands(), "i-1,i-2");
    assert.equal(mirror.status().targets[0]?.state, "troubled");
    scene.isStale(instancesAt(1));
    await scene.pass(10 * CYCLE);
    assert.equal(scene.stands(), "i-1,i-2");
  });

  it("withdraws by a sign while a loss is held, and deletes nothing of it", async () => {
    await using scene = new MirrorScene();
    scene.says(instancesAt(1, 2, 3));
    await scene.running();
    scene.isHeld([instanceAt(1), instanceAt(2), instanceAt(3, { ready: false })]);
    await scene.pass(10 * CYCLE);
    assert.equal(scene.stands(), "i-1,i-2");
  });

  it("takes for absent what a gap swallowed, however little", async () => {
    await using scene = new MirrorScene();
    scene.says(instancesAt(1, 2, 3));
    await scene.running();
    scene.isStale(instancesAt(1, 2, 3));
    scene.says(instancesAt(1, 2));
    await scene.pass(1.5 * CYCLE);
    assert.equal(scene.stands(), "i-1,i-2,i-3");
    await scene.pass(2 * CYCLE);
    assert.equal(scene.stands(), "i-1,i-2");
  });

  it("begins to count anew after each gap", async () => {
    await using scene = new MirrorScene();
    scene.says(instancesAt(1, 2, 3));
    await scene.running();
    scene.says([]);
    await scene.pass(2.5 * CYCLE);
    scene.isStale([]);
    scene.says([]);
    await scene.pass(CYCLE);
    assert.equal(scene.stands(), "i-1,i-2,i-3");
  });

  it("lets all go at once that an operator approved of, and no more", async () => {
    await using scene = new MirrorScene();
    scene.says(instancesAt(1, 2, 3, 4));
    const { mirror } = await scene.running();
    scene.says(instancesAt(1));
    await scene.pass(CYCLE);
    assert.deepEqual(mirror.approve({ by: "anna", why: "moved" }), { removals: 3 });
    await scene.pass(2 * CYCLE);
    assert.equal(scene.stands(), "i-1");
    const [line] = scene.log.told("mirror.approved");
    assert.deepEqual(line?.fields, { mirror: "users-to-legacy", by: "anna", why: "moved", removals: 3 });
  });

  it("waits longer and longer with what comes and goes", async () => {
    await using scene = new MirrorScene();
    scene.says(instancesAt(1, 2));
    await scene.running();
    const flap = async (): Promise<void> => {
      scene.says([instanceAt(1), instanceAt(2, { ready: false })]);
      await scene.pass(0);
      assert.equal(scene.stands(), "i-1");
      scene.says(instancesAt(1, 2));
      await scene.pass(10);
    };
    await flap();
    assert.equal(scene.stands(), "i-1,i-2");
    await flap();
    assert.equal(scene.stands(), "i-1");
    await scene.pass(2_000);
    assert.equal(scene.stands(), "i-1,i-2");
    await flap();
    await scene.pass(2_000);
    assert.equal(scene.stands(), "i-1");
    await scene.pass(2_000);
    assert.equal(scene.stands(), "i-1,i-2");
  });

  it("does not publish what is registered there by itself, and tells of it", async () => {
    await using scene = new MirrorScene();
    scene.registry.native(Path.of("users"), instanceAt(2, { id: "native" }));
    scene.says(instancesAt(1, 2));
    const { mirror } = await scene.running();
    assert.equal(scene.stands(), "i-1,n:native");
    assert.equal(mirror.status().totals.dual, 1);
  });

  it("publishes what was registered there by itself within a cycle of its going", async () => {
    await using scene = new MirrorScene();
    scene.registry.native(Path.of("users"), instanceAt(2, { id: "native" }));
    scene.says(instancesAt(1, 2));
    await scene.running();
    await scene.pass(2 * CYCLE);
    scene.registry.removeNative(Path.of("users"), "native");
    await scene.pass(CYCLE);
    assert.equal(scene.stands(), "i-1,i-2");
  });

  it("mirrors nothing that is at home elsewhere", async () => {
    await using scene = new MirrorScene();
    scene.says([instanceAt(1), instanceAt(2, { origin: { registry: "io.l5d.other", cluster: "west" } })]);
    await scene.running();
    assert.equal(scene.stands(), "i-1");
  });

  it("publishes what the probe reaches, and what it reaches later", async () => {
    await using scene = new MirrorScene();
    let isUp = false;
    scene.says(instancesAt(1, 2));
    const { mirror } = await scene.running({
      probe: (host) => (host === "10.0.0.1" || isUp ? Promise.resolve() : Promise.reject(new Error("no route"))),
    });
    assert.equal(scene.stands(), "i-1");
    assert.deepEqual(mirror.status().targets[0]?.leftOut, [{ id: "i-2", why: "unreachable", cause: "no route" }]);
    isUp = true;
    await scene.pass(CYCLE);
    assert.equal(scene.stands(), "i-1,i-2");
  });

  it("publishes what cannot be reached where that is forced", async () => {
    await using scene = new MirrorScene();
    scene.says(instancesAt(1));
    const probe = (): Promise<void> => Promise.reject(new Error("no route"));
    const { mirror } = await scene.running({ rules: { force: true }, probe });
    assert.equal(scene.stands(), "i-1");
    await scene.pass(3 * CYCLE);
    const { totals, targets } = mirror.status();
    assert.deepEqual([totals.unreachable, totals.forced, totals.entries], [0, 1, 1]);
    assert.deepEqual(targets[0]?.forced, [{ id: "i-1", why: "unreachable", cause: "no route" }]);
    assert.equal(scene.log.told("mirror.unreachable").length, 1);
  });

  it("leaves a target alone that refuses, and says why", async () => {
    await using scene = new MirrorScene();
    scene.registry.refusals.set("/users", "it has a selector");
    scene.says(instancesAt(1));
    const { mirror } = await scene.running();
    await scene.pass(CYCLE);
    assert.equal(scene.stands(), "");
    assert.deepEqual(
      mirror.status().targets.map(({ state, refusal }) => [state, refusal]),
      [["refused", "it has a selector"]],
    );
  });

  it("tries again, later and later, what the registry does not take", async () => {
    await using scene = new MirrorScene();
    let tries = 0;
    scene.registry.gate = ({ op }) => {
      if (op === "create" && ++tries < 4) throw new Error("409");
    };
    scene.says(instancesAt(1));
    const { mirror } = await scene.running();
    assert.equal(mirror.status().targets[0]?.trouble?.cause, "Error: 409");
    await scene.pass(CYCLE);
    assert.equal(scene.stands(), "i-1");
    assert.equal(scene.log.told("mirror.recovered").length, 1);
  });

  it("gives way to another group that was there first, and to the lesser of two who came at once", async () => {
    await using scene = new MirrorScene();
    scene.says(instancesAt(1));
    await scene.running();
    const { mirror } = await scene.running({ owner: { group: "late", member: "x" } });
    await scene.pass(CYCLE);
    const { state, conflicts } = mirror.status().targets[0] ?? {};
    assert.deepEqual([state, conflicts?.length, mirror.status().totals.conflicts], ["agreed", 1, 1]);
    assert.equal(scene.stands(), "i-1");
  });

  it("puts what another took away or changed again within the time of an audit, and counts it", async () => {
    await using scene = new MirrorScene();
    const path = Path.of("users");
    scene.says(instancesAt(1, 2));
    const auditMs = 60_000;
    await scene.running({ rules: { auditMs } });
    const repairs = (): number => {
      const found = scene.metrics.families().find(({ spec }) => spec.name === "linkspan_mirror_repairs_total");
      const [series] = found?.series ?? [];
      return series && "value" in series ? series.value : NaN;
    };
    await scene.pass(2 * auditMs);
    assert.equal(repairs(), 0);
    const [first, second] = scene.registry.at(path);
    assert.ok(first && second);
    scene.registry.remove(path, first, "delete");
    scene.registry.set(path, { ...second, instance: { ...second.instance, port: 1 } });
    await scene.pass(auditMs);
    assert.equal(scene.stands(), "i-1,i-2");
    assert.deepEqual(
      scene.registry.at(path).map(({ instance }) => instance.port),
      [8080, 8080],
    );
    assert.equal(repairs(), 2);
    const told = scene.log.told("mirror.repaired").map(({ fields }) => [fields["id"], fields["how"]]);
    assert.deepEqual(told, [["i-2", "changed"]]);
    await scene.pass(2 * auditMs);
    assert.equal(repairs(), 2, "what is repaired stays so");
  });

  it("leaves to another what it changes again and again, and says so", async () => {
    await using scene = new MirrorScene();
    const path = Path.of("users");
    scene.says(instancesAt(1));
    const { mirror } = await scene.running({ rules: { auditMs: CYCLE } });
    let conflicts = 0;
    for (let looks = 0; looks < 12; looks++) {
      // It is put, and read back.
      await scene.pass(2 * CYCLE);
      conflicts = Math.max(conflicts, mirror.status().totals.conflicts);
      const [entry] = scene.registry.at(path);
      if (entry) scene.registry.set(path, { ...entry, instance: { ...entry.instance, port: 1 } });
    }
    assert.equal(conflicts, 1);
    assert.match(String(scene.log.told("mirror.conflict")[0]?.fields["cause"]), /changes the entry again and again/);
  });

  it("stops putting what another takes away again and again, and says so", async () => {
    await using scene = new MirrorScene();
    scene.says(instancesAt(1));
    const { mirror } = await scene.running();
    for (let times = 1; times <= 3; times++) {
      // Until it was written, read back, and an hour's audits are due.
      await scene.pass(310_000);
      assert.deepEqual([scene.stands(), mirror.status().totals.conflicts], ["i-1", 0]);
      const [entry] = scene.registry.at(Path.of("users"));
      if (entry) scene.registry.remove(Path.of("users"), entry, "delete");
    }
    let conflicts = 0;
    for (let cycles = 0; cycles < 31; cycles++) {
      await scene.pass(CYCLE);
      if (conflicts === 0) conflicts = mirror.status().totals.conflicts;
    }
    assert.equal(conflicts, 1);
    assert.equal(scene.log.told("mirror.conflict").length, 1);
  });
});

describe("the members of a group", () => {
  it("write one at a time, and hand over without a gap", async () => {
    await using scene = new MirrorScene();
    scene.says(instancesAt(1, 2, 3));
    const first = await scene.running();
    const second = await scene.running();
    assert.deepEqual([first.mirror.status().role, second.mirror.status().role], ["leading", "following"]);
    assert.equal(second.mirror.status().leader, "member-1");
    let fewest = 3;
    const seen = (): number => new Set(scene.registry.at(Path.of("users")).map(({ instance }) => instance.id)).size;
    using watching = scene.registry.observe(() => (fewest = Math.min(fewest, seen())));
    await first.mirror[Symbol.asyncDispose]();
    await scene.pass(CYCLE);
    watching[Symbol.dispose]();
    assert.equal(second.mirror.status().role, "leading");
    assert.deepEqual(
      scene.registry.at(Path.of("users")).map(({ owner }) => owner?.member),
      ["member-2", "member-2", "member-2"],
    );
    assert.equal(fewest, 3);
  });

  it("put everything again when the same one leads again, so that what it let go of is kept alive", async () => {
    await using scene = new MirrorScene();
    scene.says(instancesAt(1, 2, 3));
    const { mirror, announcer } = await scene.running();
    await scene.pass(CYCLE);
    scene.registry.journal.length = 0;
    scene.registry.unseat(announcer);
    await scene.pass(CYCLE);
    assert.equal(mirror.status().role, "leading");
    assert.equal(scene.log.told("mirror.leading").length, 2);
    assert.deepEqual(
      scene.registry.journal.map(({ op }) => op),
      ["update", "update", "update"],
    );
  });

  it("keep what one of them published before it left, while the source cannot be asked", async () => {
    await using scene = new MirrorScene();
    scene.says(instancesAt(1, 2));
    const first = await scene.running();
    const second = await scene.running();
    scene.fails();
    await first.mirror[Symbol.asyncDispose]();
    await scene.pass(CYCLE);
    scene.registry.bury(first.announcer);
    await scene.pass(10 * CYCLE);
    assert.equal(second.mirror.status().role, "leading");
    assert.equal(scene.stands(), "i-1,i-2");
  });
});

describe("a mirror of many names", () => {
  it("follows every name that the source lists to a target of its own", async () => {
    await using scene = new MirrorScene();
    scene.namer.listed.say({ tag: "ok", value: [Path.of("shop", "users"), Path.of("shop", "orders"), Path.of("x")] });
    scene.says(instancesAt(1));
    const { mirror } = await scene.running({
      target: Path.of("legacy"),
      source: { namer: scene.namer, path: Path.of("shop", "*"), origin: HOME },
    });
    assert.deepEqual(
      mirror.status().targets.map(({ source, target }) => [source, target]),
      [
        ["/shop/orders", "/legacy/orders"],
        ["/shop/users", "/legacy/users"],
      ],
    );
  });

  it("deletes slowly what a former configuration published elsewhere", async () => {
    await using scene = new MirrorScene();
    scene.says(instancesAt(1, 2));
    const former = await scene.running({ target: Path.of("old") });
    await former.mirror[Symbol.asyncDispose]();
    await scene.running();
    await scene.pass(CYCLE);
    assert.deepEqual([scene.stands("old"), scene.stands()], ["i-1,i-2", "i-1,i-2"]);
    await scene.pass(4 * CYCLE);
    assert.deepEqual([scene.stands("old"), scene.stands()], ["", "i-1,i-2"]);
  });
});

describe("a plan", () => {
  it("shows what would be written, and writes nothing", async () => {
    await using scene = new MirrorScene();
    scene.says(instancesAt(1));
    const { mirror } = scene.mirror();
    const plan = await mirror.plan(AbortSignal.timeout(5_000));
    assert.deepEqual(
      plan.targets.map(({ source, target, writes }) => [source, target, writes.map(({ op }) => op)]),
      [["/users", "/users", ["create"]]],
    );
    assert.equal(plan.totals.create, 1);
    assert.equal(scene.stands(), "");
  });

  it("says what it does not know when the source does not answer in time", async () => {
    await using scene = new MirrorScene();
    const { mirror } = scene.mirror();
    const planning = mirror.plan(new AbortController().signal);
    await scene.pass(30_000);
    assert.equal((await planning).targets[0]?.trouble, "the source has not answered");
  });
});

describe("what is applied once", () => {
  it("is written, and nothing runs afterwards", async () => {
    await using scene = new MirrorScene();
    scene.says(instancesAt(1, 2));
    const { mirror } = scene.mirror();
    const applying = mirror.apply(AbortSignal.timeout(5_000));
    await scene.pass(10);
    const applied = await applying;
    assert.deepEqual(
      applied.writes.map(({ op, id, outcome }) => [op, id, outcome]),
      [
        ["put", "i-1", "done"],
        ["put", "i-2", "done"],
      ],
    );
    assert.equal(applied.left.totals.create, 0);
    assert.equal(scene.stands(), "i-1,i-2");
    scene.says(instancesAt(1, 2, 3));
    await scene.pass(CYCLE);
    assert.equal(scene.stands(), "i-1,i-2");
  });

  it("is left to the member that leads", async () => {
    await using scene = new MirrorScene();
    scene.says(instancesAt(1));
    await scene.running();
    const { mirror } = scene.mirror();
    const applied = await mirror.apply(AbortSignal.timeout(5_000));
    assert.deepEqual([applied.leader, applied.writes], ["member-1", []]);
  });

  it("takes away all that the group published, when it is withdrawn", async () => {
    await using scene = new MirrorScene();
    scene.registry.native(Path.of("users"), instanceAt(9));
    scene.says(instancesAt(1, 2));
    const { mirror } = await scene.running();
    const { writes } = await mirror.withdraw(AbortSignal.timeout(5_000));
    assert.equal(writes.length, 2);
    assert.equal(scene.stands(), "n:i-9");
  });
});
