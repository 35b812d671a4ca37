/** A mirror whose process dies before any one of its writes: whoever begins after it ends where the source is. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Path } from "../../src/naming/path.ts";
import { instanceAt, instancesAt, MirrorScene } from "../fakes/mirror-scene.ts";

const CYCLE = 10_000;
const users = Path.of("users");

/** Two entries of a former life at the target, of which one is to change and one to go, and two that are new. */
async function beforeIt(scene: MirrorScene): Promise<void> {
  scene.registry.native(users, instanceAt(9));
  scene.says([instanceAt(1), instanceAt(2), instanceAt(3, { port: 1 })]);
  const former = await scene.running();
  await former.mirror[Symbol.asyncDispose]();
  scene.says([instanceAt(1), instanceAt(2, { ready: false }), instanceAt(3), instanceAt(4), instanceAt(5)]);
}

/** True when it died before the n-th write. */
async function appliedUntil(scene: MirrorScene, n: number): Promise<boolean> {
  const { mirror, announcer } = scene.mirror();
  let writes = 0;
  scene.registry.gate = ({ op, by }) => {
    if (op === "standing" || op === "owned" || by !== announcer || ++writes < n) return;
    announcer.die();
    throw new Error("the process died");
  };
  void mirror.apply(AbortSignal.timeout(5_000)).catch(() => undefined);
  await scene.pass(CYCLE);
  scene.registry.gate = () => undefined;
  return announcer.isDead;
}

describe("a mirror that is killed while it applies", () => {
  it("leaves what the next one makes good, at whichever write it died, and whether its lease ended or not", async () => {
    let died = 0;
    for (const isBuried of [false, true]) {
      for (let n = 1; ; n++) {
        await using scene = new MirrorScene();
        await beforeIt(scene);
        if (!(await appliedUntil(scene, n))) break;
        died++;
        for (const { by } of isBuried ? scene.registry.at(users) : []) if (by?.isDead === true) scene.registry.bury(by);
        const { mirror, announcer } = scene.mirror({ owner: { group: "users-to-legacy", member: "next" } });
        for (const candidate of scene.registry.deadCandidates()) scene.registry.depose(candidate);
        mirror.run();
        await scene.pass(3 * CYCLE);
        assert.equal(scene.stands(), "i-1,i-3,i-4,i-5,n:i-9", `after it died before write ${n}`);
        const mirrored = scene.registry.at(users).filter(({ owner }) => owner !== undefined);
        assert.ok(mirrored.every(({ by }) => by === announcer));
        assert.equal(mirrored.find(({ instance }) => instance.id === "i-3")?.instance.port, 8080);
        assert.deepEqual(scene.registry.offences, []);
      }
    }
    assert.ok(died >= 10, `${died} deaths`);
  });

  it("deletes nothing of what it finds when the source is not there yet", async () => {
    await using scene = new MirrorScene();
    scene.says(instancesAt(1, 2, 3));
    const former = await scene.running();
    scene.fails();
    await former.mirror[Symbol.asyncDispose]();
    await scene.running();
    await scene.pass(100 * CYCLE);
    assert.equal(scene.stands(), "i-1,i-2,i-3");
  });
});
