/** What the remembered addresses of all ids of one namer share. */
import type { AddressSet } from "../base/address.ts";
import type { SourceGuard } from "../base/guard.ts";
import type { Clock } from "../base/time.ts";
import type { Path } from "../naming/path.ts";
import type { Shelf } from "./shelf.ts";

export interface AddressesHome {
  readonly shelf: Shelf<AddressSet>;
  readonly guard: SourceGuard;
  readonly clock: Clock;
  readonly equals: (a: AddressSet, b: AddressSet) => boolean;
  /** A second look at the id, on a fresh connection. `undefined`: there is no such id. */
  look(id: Path, signal: AbortSignal): Promise<AddressSet | undefined>;
  /** Nobody uses it any more. */
  unused(id: Path): void;
}
