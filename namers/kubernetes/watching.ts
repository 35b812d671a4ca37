/** How far a watch has come, and whether the server has come as far. */
import { type Backoff, type Clock, sleep } from "linkspan/plugin";
import type { ApiAccess } from "./api-access.ts";
import type { ApiPlace } from "./api-place.ts";
import { newestVersion } from "./list.ts";

const MAX_LOOKS = 5;
/** An etcd that is set up anew ends all watches: those that follow each other in order need no look each. */
const LOOK_AGAIN_MS = 60_000;

export interface LookOptions {
  readonly access: ApiAccess;
  readonly clock: Clock;
  readonly backoff: Backoff;
  readonly signal: AbortSignal;
}

export class Watching<R extends { readonly place: ApiPlace }> {
  readonly resource: R;
  version: string;
  #lookedAt: number | undefined;

  constructor(resource: R, version: string) {
    this.resource = resource;
    this.version = version;
  }

  /**
   * Whether the newest version that the server has is older than the one that is watched from. Then its etcd was set up
   * anew after that version was read, and the watch, which was not refused, would be silent until versions got so far.
   * False, too, where the server cannot be asked: then the watch will not last either.
   */
  async isAhead({ access, clock, backoff, signal }: LookOptions): Promise<boolean> {
    const { place } = this.resource;
    const asked = this.version;
    const now = clock.now();
    if (this.#lookedAt !== undefined && now - this.#lookedAt < LOOK_AGAIN_MS) return false;
    this.#lookedAt = now;
    for (let looks = 0; looks < MAX_LOOKS && !signal.aborted; looks++) {
      try {
        return isOlder(await newestVersion({ access, place, clock, signal }), asked);
      } catch {
        await sleep(clock, backoff.next(), signal).catch(() => undefined);
      }
    }
    return false;
  }
}

/** Versions are numbers wherever etcd is below. */
function isOlder(version: string, than: string): boolean {
  const isNumber = /^\d{1,20}$/;
  return isNumber.test(version) && isNumber.test(than) && BigInt(version) < BigInt(than);
}
