/** Follows one Curator service, for as long as somebody observes it. */
import {
  AddressSet,
  failed,
  type Guarded,
  type Instance,
  type NameGuard,
  ok,
  type PluginContext,
  type Reading,
  type SourceGuard,
  type Stale,
  type State,
  type WatchPage,
} from "linkspan/plugin";
import type { CuratorReader, Member } from "./curator-reader.ts";
import { type NodeChildren, NodeMirror } from "./node-mirror.ts";
import type { ZkSource } from "./zk-source.ts";

/** What is to be believed of one service at one moment. */
export interface ServiceSnapshot {
  readonly instances: readonly Instance[];
  /** Of the instances that may be called. */
  readonly addresses: AddressSet;
}

export interface CuratorServiceOptions {
  readonly name: string;
  /** The service's node. */
  readonly path: string;
  readonly source: ZkSource;
  readonly reader: CuratorReader;
  readonly guard: SourceGuard;
  readonly page: WatchPage;
  readonly context: PluginContext;
  set(state: State<ServiceSnapshot>): void;
}

export class CuratorService implements Disposable {
  readonly #options: CuratorServiceOptions;
  readonly #guard: NameGuard<Member>;
  readonly #mirror: NodeMirror;
  readonly #trouble: Disposable;
  /** What is there and not to be called, as of the newest reading: it is shown, and nothing else. */
  #withdrawn: readonly Instance[] = [];
  /** Since when and why the newest reading is not confirmed. */
  #stale: Stale | undefined;

  constructor(options: CuratorServiceOptions) {
    this.#options = options;
    const { source, path, name, context, guard } = options;
    this.#guard = guard.name<Member>(
      name,
      (guarded) => this.#believe(guarded),
      () => this.#confirm(),
    );
    this.#mirror = new NodeMirror({
      client: source.client,
      path,
      reads: source.reads,
      support: source.support,
      withData: true,
      clock: context.clock,
      random: context.random,
      heard: (children) => this.#heard(children),
      failed: (cause) => this.#failed(cause),
    });
    this.#trouble = source.onTrouble((cause) => this.#failed(cause));
  }

  [Symbol.dispose](): void {
    this.#trouble[Symbol.dispose]();
    this.#mirror[Symbol.dispose]();
    this.#guard[Symbol.dispose]();
    this.#options.page[Symbol.dispose]();
  }

  #heard(children: NodeChildren | undefined): void {
    const { members, signs, withdrawn } = this.#options.reader.read(children);
    this.#stale = undefined;
    this.#withdrawn = withdrawn;
    this.#guard.offer(members, signs);
  }

  #failed(cause: Error): void {
    this.#stale ??= { since: this.#options.context.clock.wall(), cause };
    this.#publish(failed(cause));
  }

  async #confirm(): Promise<Reading<Member>> {
    const { source, path, reader } = this.#options;
    return reader.read(await source.fresh.read(path));
  }

  #believe({ members, held }: Guarded<Member>): void {
    const found = [...(members?.values() ?? [])];
    const instances = [...found.map((member) => member.instance), ...this.#withdrawn];
    const snapshot: ServiceSnapshot = {
      instances: instances.sort((a, b) => compare(a.id, b.id)),
      addresses: AddressSet.of(found.map((member) => member.address)),
    };
    const confirmedAt = this.#options.context.clock.wall();
    // What a hold ends with during an outage is no newer than the outage.
    const trouble = this.#stale ? { stale: this.#stale } : { confirmedAt };
    this.#publish(ok(snapshot, { ...trouble, ...(held ? { held } : {}) }));
  }

  #publish(state: State<ServiceSnapshot>): void {
    this.#options.page.tell(state, state.tag === "ok" ? state.value.addresses.addresses.length : undefined);
    this.#options.set(state);
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
