/** Which registries the walk-through is played on. */
import { FakeRegistries } from "./fake-registries.ts";
import type { AsyncStack } from "./instances.ts";
import { missingForRealRegistries, RealRegistries } from "./real-registries.ts";
import type { Registries } from "./stage.ts";

export type Wanted = "real" | "fake" | "any";

/** Real ones where this machine has them and nothing else is wanted. */
export function openRegistries(stack: AsyncStack, wanted: Wanted): Promise<Registries> {
  const missing = missingForRealRegistries();
  if (wanted === "real" && missing !== undefined) throw new Error(`no real registries: ${missing}`);
  return missing === undefined && wanted !== "fake" ? RealRegistries.open(stack) : FakeRegistries.open(stack);
}
