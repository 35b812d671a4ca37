/** What a daemon writes into registries, over all its configurations: its mirrors, and where its servers are announced. */
import { hostname } from "node:os";
import type { ListeningServer } from "./advertised-address.ts";
import type { Scope } from "./base/scope.ts";
import type { Random } from "./base/time.ts";
import type { Config } from "./config/config.ts";
import { LiveAnnouncements } from "./live-announcements.ts";
import { LiveMirrors, type LiveMirrorsParts } from "./live-mirrors.ts";
import type { OpenNamer } from "./naming-root.ts";

/** Either `commit` or `cancel` is called, once. */
export interface PreparedBridge {
  /** Before servers close that are announced: takes that away. Bounded, and never rejects. */
  leave(): Promise<void>;
  /** After the commit of what it reads, and of its servers; `listening` are these, in the order of the file. */
  commit(listening: readonly ListeningServer[]): void;
  cancel(): Promise<void>;
}

export class LiveBridge {
  readonly mirrors: LiveMirrors;
  readonly #announcements: LiveAnnouncements;

  constructor(parts: Omit<LiveMirrorsParts, "member">, owner: Scope) {
    const member = memberName(parts.world.random);
    this.mirrors = new LiveMirrors({ ...parts, member }, owner);
    this.#announcements = new LiveAnnouncements({ ...parts, member }, owner);
  }

  /** Whether servers are announced, which is to be taken away before they close. */
  get announces(): boolean {
    return this.#announcements.size > 0;
  }

  /** `namers`: those of the configuration. Rejects with PluginNotCreated; then nothing of it is left. */
  async prepare(config: Config, namers: readonly OpenNamer[]): Promise<PreparedBridge> {
    await using undo = new AsyncDisposableStack();
    const announced = undo.adopt(await this.#announcements.prepare(config), (each) => each.cancel());
    const mirrored = await this.mirrors.prepare(config, namers);
    undo.move();
    return {
      leave: () => announced.leave(),
      commit(listening) {
        announced.commit(listening);
        mirrored.commit(listening);
      },
      cancel: async () => {
        await mirrored.cancel();
        await announced.cancel();
      },
    };
  }

  /** Takes away where servers are announced, before they close. Bounded, and never rejects. */
  withdraw(): Promise<void> {
    return this.#announcements.withdraw();
  }
}

/** One life of one process, told from every other by people too. */
export function memberName(random: Random): string {
  const life = Math.floor(random.next() * 36 ** 6).toString(36);
  return `${hostname()}-${process.pid}-${life}`;
}
