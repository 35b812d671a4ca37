/** Writes instances into ZooKeeper, in the format of a registry there. */
import {
  type Announcement,
  type Announcer,
  type Election,
  type Owner,
  type Path,
  type PluginContext,
  RefusedAnnouncement,
  Scope,
  untilAborted,
} from "linkspan/plugin";
import type { ZkOptions } from "./client.ts";
import { EntryAnnouncement } from "./entry-announcement.ts";
import type { EntryFormat } from "./entry-format.ts";
import { EntrySessions } from "./entry-sessions.ts";
import { ZkElection } from "./zk-election.ts";
import { nodeNameOf, validPath } from "./node-names.ts";
import { ownedPlaces } from "./owned-places.ts";
import { join } from "./paths.ts";

export interface ZkAnnouncerOptions extends ZkOptions {
  /** The node that paths go on from; `/` or without a slash at its end. */
  readonly base: string;
  /** The node below which daemons are elected. */
  readonly electionPath: string;
}

export class ZkAnnouncer implements Announcer {
  readonly #options: ZkAnnouncerOptions;
  readonly #format: EntryFormat;
  readonly #context: PluginContext;
  readonly #scope = new Scope();
  readonly #sessions: EntrySessions;
  readonly #open = new Set<Announcement>();

  /** Throws an Error that says what is wrong with the options. Connects when it is first used. */
  constructor(options: ZkAnnouncerOptions, format: EntryFormat, context: PluginContext) {
    this.#options = options;
    this.#format = format;
    this.#context = context;
    this.#sessions = this.#scope.own(new EntrySessions(options, format.parents, context));
  }

  announce(path: Path, owner: Owner): Announcement {
    const place = path.elems.map(nodeNameOf).reduce((base, name) => join(base, name), this.#options.base);
    const objection = objectionTo(place);
    if (objection !== undefined) return new RefusedAnnouncement(objection);
    const announcement: Announcement = new EntryAnnouncement({
      place,
      owner,
      format: this.#format,
      sessions: this.#sessions,
      context: this.#context,
      ended: () => this.#open.delete(announcement),
    });
    this.#open.add(announcement);
    return announcement;
  }

  async owned(group: string, signal: AbortSignal): Promise<readonly Path[]> {
    signal.throwIfAborted();
    return untilAborted(ownedPlaces(group, this.#options.base, this.#format, this.#sessions), signal);
  }

  elect(owner: Owner): Election {
    const { electionPath, base } = this.#options;
    const place = join(electionPath, [owner.group, base].map(encodeURIComponent).join(":"));
    return this.#scope.own(new ZkElection(this.#options, { place, member: owner.member }, this.#context));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#open].map((each) => each[Symbol.asyncDispose]()));
    await this.#scope.close();
  }
}

/** Why nothing can stand below this node. */
function objectionTo(place: string): string | undefined {
  if (place === "/") return "the root of ZooKeeper is no service";
  return validPath(place) === undefined ? `${JSON.stringify(place)} can be no node of ZooKeeper` : undefined;
}
