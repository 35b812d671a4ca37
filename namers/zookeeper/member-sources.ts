/** What the namers on ZooKeeper have in common: one session, one mirror a node, and one guarded service a name. */
import {
  GuardedServices,
  type OtherClients,
  type Path,
  type PluginContext,
  Scope,
  type ServiceSource,
  type State,
  Var,
} from "linkspan/plugin";
import type { ZkOptions } from "./client.ts";
import type { MirrorWorld } from "./mirror-world.ts";
import type { NodeKind } from "./node-kind.ts";
import { NodeMirrors } from "./node-mirrors.ts";
import { type MemberPlace, NodeService } from "./node-service.ts";
import { ZkSource } from "./zk-source.ts";

/**
 * The guard of `services` stands where Finagle had its stabilizer: what comes, and what goes one by one, counts at once
 * and not at the next tick; what goes in masses is held until it was seen twice (docs/adr/0012-guard-and-stabilizer.md).
 */
export class MemberSources<T> implements AsyncDisposable {
  readonly services: GuardedServices;
  readonly #context: PluginContext;
  readonly #scope = new Scope();
  readonly #source: ZkSource;
  readonly #mirrors: NodeMirrors<T>;

  /** Throws an Error that says what is wrong with the options. Connects when a name is first observed. */
  constructor(kind: NodeKind<T>, options: ZkOptions, context: PluginContext) {
    this.#context = context;
    this.#source = this.#scope.own(new ZkSource(options, context));
    this.#mirrors = this.#scope.own(new NodeMirrors(kind, this.#source));
    this.services = this.#scope.own(new GuardedServices(context));
  }

  /** How the service that is there is followed. */
  at(place: MemberPlace<T>): ServiceSource {
    return new NodeService(place, this.#mirrors, this.#source.fresh);
  }

  /** `start` lists while somebody observes. */
  names(start: (world: MirrorWorld, set: (state: State<readonly Path[]>) => void) => Disposable): Var<readonly Path[]> {
    return Var.source<readonly Path[]>((set) => this.services.own(start(this.#source.world, set)), {
      clock: this.#context.clock,
      equals: (a, b) => a.map((each) => each.show).join() === b.map((each) => each.show).join(),
    });
  }

  otherClients(path: string, signal: AbortSignal): Promise<OtherClients> {
    return this.#source.otherClients(path, signal);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#scope.close();
  }
}
