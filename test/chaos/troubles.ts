/** The troubles of a registry, as the chaos suite makes them: what happens, and what must hold meanwhile and afterwards. */
import assert from "node:assert/strict";
import { letPass, waitUntil } from "../load/wait-until.ts";
import type { Lie } from "../servers/trouble-proxy.ts";
import type { ChaosRegistry, ChaosServers } from "./registry.ts";
import type { Scene } from "./scene.ts";

/** How long an outage lasts. */
export const outageMs = process.env["LINKSPAN_TESTS"] === "long" ? 30_000 : 5_000;
const HOUR_MS = 3_600_000;
/** Short enough to wait for its end. */
const SHORT_HOLD_MS = 4_000;

export interface Trouble {
  readonly name: string;
  /** What a registry must be able to have. */
  readonly needs?: keyof ChaosRegistry | keyof ChaosServers;
  readonly hold?: string;
  run(scene: Scene, registry: ChaosRegistry): Promise<void>;
}

/** The trouble lasts for an outage; when it is over everything changes, and the router sees it. */
async function outage(scene: Scene, begin: () => unknown, end: () => unknown): Promise<void> {
  await begin();
  await letPass(outageMs);
  await scene.assertNothingIsLost();
  await end();
  await scene.untilConfirmed();
  await scene.changeAll();
  await scene.untilViewIsTrue();
}

/** The trouble comes while registrations change. */
async function underChanges(scene: Scene, registry: ChaosRegistry, begin: () => void): Promise<void> {
  begin();
  await letPass(outageMs / 2);
  await scene.changeAll();
  await letPass(outageMs / 2);
  registry.proxy.mend();
  await scene.untilViewIsTrue();
}

const lies: Readonly<Record<Lie, string>> = {
  "500": "answers every question with an error of its own (500)",
  "403": "refuses every question (403)",
  "429": "has too many questions (429)",
  empty: "answers every question with an empty list",
  truncated: "ends every answer in its middle",
};

const wrongAnswers: readonly Trouble[] = (Object.entries(lies) as [Lie, string][]).map(([lie, name]) => ({
  name,
  run: (scene, { proxy }) =>
    outage(
      scene,
      () => proxy.lie(lie),
      () => proxy.mend(),
    ),
}));

export const troubles: readonly Trouble[] = [
  {
    name: "is stopped and started again",
    run: (scene, registry) =>
      outage(
        scene,
        () => registry.servers.stop(),
        () => registry.servers.start(),
      ),
  },
  {
    name: "is killed and started again",
    run: (scene, registry) =>
      outage(
        scene,
        () => registry.servers.kill(),
        () => registry.servers.start(),
      ),
  },
  {
    name: "is frozen",
    run: (scene, registry) =>
      outage(
        scene,
        () => registry.servers.freeze(),
        () => registry.servers.thaw(),
      ),
  },
  {
    name: "has its answers cut wherever they are",
    run: (scene, registry) =>
      underChanges(scene, registry, () => {
        registry.proxy.cutAfter(150);
        registry.proxy.reset();
      }),
  },
  {
    name: "is at the other end of connections that are half open",
    run: (scene, registry) => underChanges(scene, registry, () => registry.proxy.halfOpen()),
  },
  {
    name: "answers one byte a second",
    run: (scene, registry) =>
      underChanges(scene, registry, () => {
        registry.proxy.slow(1_000);
        registry.proxy.reset();
      }),
  },
  ...wrongAnswers,
  {
    name: "is wiped, and restored within the hold",
    async run(scene, registry) {
      await registry.wipe();
      await scene.untilHeld();
      await letPass(outageMs / 2);
      await scene.assertNothingIsLost();
      await registry.restore();
      await scene.changeAll();
      await scene.untilViewIsTrue();
    },
  },
  {
    name: "is wiped for good, which is believed after the hold",
    hold: `${SHORT_HOLD_MS}ms`,
    async run(scene, registry) {
      await registry.wipe();
      const wipedAt = performance.now();
      await scene.untilHeld();
      await scene.assertNothingIsLost();
      await waitUntil("the spare serves", SHORT_HOLD_MS + 5_000, () => scene.spare.requests > 0);
      const took = performance.now() - wipedAt;
      assert.ok(took >= SHORT_HOLD_MS - 500, `believed after ${took} ms`);
      scene.forgetAll();
      await scene.untilViewIsTrue();
    },
  },
  {
    name: "is wiped, and every instance dies within the hold",
    async run(scene, registry) {
      await registry.wipe();
      await scene.untilHeld();
      await letPass(outageMs / 5);
      await scene.assertNothingIsLost();
      assert.equal(scene.spare.requests, 0);
      await scene.killInstances();
      await waitUntil("the next alternative serves", 5_000, () => scene.spare.requests > 0);
      await letPass(outageMs / 5);
    },
  },
  {
    name: "ends the router's session",
    needs: "expire",
    async run(scene, registry) {
      for (let round = 0; round < 3; round++) {
        await registry.expire?.();
        await letPass(outageMs / 5);
        await scene.assertNothingIsLost();
      }
      await scene.changeAll();
      await scene.untilViewIsTrue();
    },
  },
  {
    name: "begins its index anew",
    async run(scene, registry) {
      await registry.resetIndex();
      await letPass(outageMs / 5);
      await scene.assertNothingIsLost();
      await scene.changeAll();
      await scene.untilViewIsTrue();
    },
  },
  {
    name: "is started anew, server by server",
    async run(scene, registry) {
      await registry.rollingRestart();
      await scene.assertNothingIsLost();
      await scene.changeAll();
      await scene.untilViewIsTrue();
    },
  },
  {
    name: "has its clock jump, forth and back",
    needs: "setClock",
    async run(scene, registry) {
      for (const offset of [HOUR_MS, -HOUR_MS, 0]) {
        await registry.servers.setClock?.(offset);
        await letPass(outageMs / 3);
        await scene.assertNothingIsLost();
      }
      await scene.changeAll();
      await scene.untilViewIsTrue();
    },
  },
];
