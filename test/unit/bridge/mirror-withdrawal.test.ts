import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Path } from "../../../src/naming/path.ts";
import { instancesAt, MirrorScene } from "../../fakes/mirror-scene.ts";

describe("taking away what a mirror published", () => {
  it("does so at every target that it can, and says that it could not at another", async () => {
    await using scene = new MirrorScene();
    scene.says(instancesAt(1, 2));
    const former = await scene.running({ target: Path.of("old") });
    await former.mirror[Symbol.asyncDispose]();
    const { mirror } = await scene.running();
    await scene.pass(1_000);
    scene.registry.gate = ({ op, path }) => {
      if (op === "standing" && path === "/old") throw new Error("500");
    };
    await assert.rejects(mirror.withdraw(AbortSignal.timeout(5_000)), /not everything/);
    assert.deepEqual([scene.stands("old"), scene.stands()], ["i-1,i-2", ""]);
  });

  it("leaves all to another member that leads", async () => {
    await using scene = new MirrorScene();
    scene.says(instancesAt(1));
    const { mirror } = await scene.running();
    await scene.running();
    const { leader, writes } = await mirror.withdraw(AbortSignal.timeout(5_000));
    assert.deepEqual([leader, writes], ["member-2", []]);
    await scene.pass(0);
    assert.ok(scene.stands().includes("i-1"));
  });
});
