/** The chaos suite for one kind of registry: every trouble under 500 requests a second, and not one of them may fail. */
import { after, before, describe, it } from "node:test";
import { waitUntil } from "../load/wait-until.ts";
import { requireServer } from "../servers/require.ts";
import type { ChaosRegistry } from "./registry.ts";
import { Scene } from "./scene.ts";
import { type Trouble, troubles } from "./troubles.ts";

export interface ChaosSuite {
  readonly registry: string;
  /** What is missing to run its server, or `undefined`. */
  readonly missing: string | undefined;
  /** Resolves when it serves; one is started for all troubles. */
  start(): Promise<ChaosRegistry>;
  /** The names of the troubles that it is put to; all if it is not said. */
  readonly only?: readonly string[];
  /** Troubles that it has nothing of, with the reason. */
  readonly without?: Readonly<Partial<Record<NonNullable<Trouble["needs"]>, string>>>;
}

const TROUBLE_MS = 240_000;
/** A session that could not be closed expires. */
const LEFT_MS = 10_000;

export function chaosSuite({ registry: name, missing, start, only, without = {} }: ChaosSuite): void {
  describe(`no request fails when ${name}`, { concurrency: false }, () => {
    let registry: ChaosRegistry | undefined;
    before(async () => {
      if (missing === undefined) registry = await start();
    });
    after(async () => registry?.[Symbol.asyncDispose]());

    for (const trouble of troubles) {
      if (trouble.needs !== undefined && without[trouble.needs] !== undefined) continue;
      if (only !== undefined && !only.includes(trouble.name)) continue;
      it(trouble.name, { timeout: TROUBLE_MS }, async (t) => {
        if (requireServer(t, missing) && registry !== undefined) await run(trouble, registry);
      });
    }
  });
}

async function run(trouble: Trouble, registry: ChaosRegistry): Promise<void> {
  try {
    await using scene = await Scene.open(registry, trouble.hold);
    await trouble.run(scene, registry);
    await scene.close();
  } finally {
    registry.proxy.mend();
  }
  await assertNothingIsLeft(registry);
}

/** A router that has ended has no connection, and no watch on a session that goes on without it. */
async function assertNothingIsLeft(registry: ChaosRegistry): Promise<void> {
  const { proxy } = registry;
  await waitUntil("no connection of the router is left", LEFT_MS, () => proxy.connections === 0);
  await waitUntil("no watch is left", LEFT_MS, async () => ((await registry.watches?.()) ?? 0) === 0);
}
