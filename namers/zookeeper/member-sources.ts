/** What the namers on ZooKeeper have in common: one session, one mirror a node, and one guarded service a name. */
import {
  failed,
  GuardedServices,
  ok,
  type Path,
  type PluginContext,
  Scope,
  type ServiceListener,
  type ServiceReading,
  type ServiceSource,
  SharedSources,
  type State,
  Var,
} from "linkspan/plugin";
import type { ZkOptions } from "./client.ts";
import type { MemberReader } from "./member-reader.ts";
import { type NodeChildren, NodeMirror } from "./node-mirror.ts";
import { ZkSource } from "./zk-source.ts";

/** Where the members of a name are, and who reads them. Names of one node want the same children of it. */
export interface MemberPlace {
  readonly path: string;
  readonly newReader: () => MemberReader;
}

/**
 * The guard of `services` stands where Finagle had its stabilizer: what comes, and what goes one by one, counts at once
 * and not at the next tick; what goes in masses is held until it was seen twice (docs/adr/0012-guard-and-stabilizer.md).
 */
export class MemberSources implements AsyncDisposable {
  readonly services: GuardedServices;
  readonly #context: PluginContext;
  readonly #scope = new Scope();
  readonly #source: ZkSource;
  readonly #nodes: SharedSources<NodeChildren | undefined>;

  /** Throws an Error that says what is wrong with the options. Connects when a name is first observed. */
  constructor(options: ZkOptions, context: PluginContext) {
    this.#context = context;
    this.#source = this.#scope.own(new ZkSource(options, context));
    this.#nodes = new SharedSources({ clock: context.clock });
    this.services = this.#scope.own(new GuardedServices(context));
  }

  /** How the service that is there is followed. */
  at({ path, newReader }: MemberPlace): ServiceSource {
    const reader = newReader();
    const children = this.#nodes.of(path, (set) => this.#untilTrouble(set, () => this.#mirror(path, reader, set)));
    return {
      follow(listener) {
        let wasRead = false;
        return children.observe((state) => {
          // What is stale was heard when it was new, but by a name that comes late to a node.
          if (state.tag === "ok" && (!state.stale || !wasRead))
            wasRead = hear(listener, reader, state.value) || wasRead;
          if (state.tag === "failed") listener.failed(state.cause);
          if (state.tag === "ok" && state.stale) listener.failed(state.stale.cause);
        });
      },
      confirm: async () => reader.read(await this.#source.fresh.read(path, reader.wants)),
    };
  }

  /** `start` lists while somebody observes; trouble with the connection is told beside it. */
  names(start: (source: ZkSource, set: (state: State<readonly Path[]>) => void) => Disposable): Var<readonly Path[]> {
    return Var.source<readonly Path[]>((set) => this.#untilTrouble(set, () => start(this.#source, set)), {
      clock: this.#context.clock,
      equals: (a, b) => a.map((each) => each.show).join() === b.map((each) => each.show).join(),
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#scope.close();
  }

  #mirror(path: string, { wants }: MemberReader, set: (state: State<NodeChildren | undefined>) => void): Disposable {
    const { client, reads, spread, support } = this.#source;
    const { clock, random } = this.#context;
    return new NodeMirror({
      client,
      path,
      reads,
      spread,
      support,
      withData: true,
      ...(wants ? { wants } : {}),
      clock,
      random,
      // A mirror goes on with the map that it gives.
      heard: (children) => set(ok(children && new Map(children))),
      failed: (cause) => set(failed(cause)),
    });
  }

  #untilTrouble(set: (state: State<never>) => void, start: () => Disposable): Disposable {
    const trouble = this.#source.onTrouble((cause) => set(failed(cause)));
    const started = start();
    return this.services.own({
      [Symbol.dispose]: () => {
        trouble[Symbol.dispose]();
        started[Symbol.dispose]();
      },
    });
  }
}

/** Whether something could be made of it. */
function hear(listener: ServiceListener, reader: MemberReader, children: NodeChildren | undefined): boolean {
  let reading: ServiceReading;
  try {
    reading = reader.read(children);
  } catch (error) {
    listener.failed(error as Error);
    return false;
  }
  listener.heard(reading);
  return true;
}
