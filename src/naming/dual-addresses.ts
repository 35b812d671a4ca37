/** Addresses that more than one of the chosen bound names has: one instance in two registries gets the share of both. */
import type { ExplainedService } from "./explained-services.ts";

export interface DualAddress {
  readonly address: string;
  /** The bound ids that have it. */
  readonly ids: readonly string[];
}

export function dualAddresses(
  ids: Iterable<string>,
  services: Readonly<Record<string, ExplainedService>>,
): readonly DualAddress[] {
  const byAddress = new Map<string, Set<string>>();
  for (const id of new Set(ids)) {
    for (const { address } of services[id]?.addresses ?? []) {
      byAddress.set(address, (byAddress.get(address) ?? new Set()).add(id));
    }
  }
  return Array.from(byAddress, ([address, having]) => ({ address, ids: [...having] })).filter(
    (each) => each.ids.length > 1,
  );
}
