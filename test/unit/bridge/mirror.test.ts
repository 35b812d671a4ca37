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
});
