/** Names in a Curator service discovery: `<base>/<service>/<instance>`. */
import {
  type AddressSet,
  failed,
  type Instance,
  leaf,
  type Name,
  type NameTree,
  type Namer,
  neg,
  ok,
  type OtherClients,
  Path,
  type PluginContext,
  type ServiceSource,
  type State,
  Var,
  type WatchView,
} from "linkspan/plugin";
import type { ZkOptions } from "./client.ts";
import type { CuratorReading } from "./curator-instance.ts";
import { CuratorNodes } from "./curator-member.ts";
import type { CuratorMember } from "./plain-member.ts";
import { curatorReader } from "./curator-reader.ts";
import { MemberSources } from "./member-sources.ts";
import type { MirrorWorld } from "./mirror-world.ts";
import { namesOnly, type NodeChildren, type Unreadable } from "./node-kind.ts";
import { elementOf, nodeNameOf, validPath } from "./node-names.ts";
import { NodeMirror } from "./node-mirror.ts";
import { join } from "./paths.ts";
import { WatchSupport } from "./watch-support.ts";

export interface CuratorNamerOptions extends ZkOptions, CuratorReading {
  /** Absolute; `/` or without a slash at its end. */
  readonly basePath: string;
  /** Whether a service without instances is bound to nobody, as Linkerd 1 did, and not `neg`. */
  readonly bindEmpty: boolean;
}

/** One session for all names; one watch a service, however many observe it. */
export class CuratorNamer implements Namer {
  readonly #options: CuratorNamerOptions;
  readonly #sources: MemberSources<CuratorMember | Unreadable>;

  /** Throws an Error that says what is wrong with the options. Connects when a name is first observed. */
  constructor(options: CuratorNamerOptions, context: PluginContext) {
    this.#options = options;
    this.#sources = new MemberSources(new CuratorNodes(options), options, context);
  }

  lookup(path: Path): Var<NameTree<Name>> {
    const source = this.#sourceOf(path);
    if (!source) return Var.of<NameTree<Name>>(neg);
    const { services } = this.#sources;
    const id = path.take(1);
    const residual = path.drop(1);
    if (!this.#options.bindEmpty) return services.tree(id, residual, source);
    const addresses = services.service(id, source).map((snapshot) => snapshot.addresses, { equals: sameAddresses });
    return Var.presence(addresses).map<NameTree<Name>>((present) =>
      present ? leaf<Name>({ kind: "bound", id, addresses: present, residual }) : neg,
    );
  }

  instances(path: Path): Var<readonly Instance[]> {
    const source = this.#sourceOf(path);
    return source ? this.#sources.services.instances(path.take(1), source) : Var.of<readonly Instance[]>([]);
  }

  names(): Var<readonly Path[]> {
    return this.#sources.names((world, set) => this.#list(world, set));
  }

  watches(): readonly WatchView[] {
    return this.#sources.services.watches();
  }

  release(path: Path, why: "ordered" | "unreachable"): boolean {
    return this.#sources.services.release(path.take(1), why);
  }

  otherClients(signal: AbortSignal): Promise<OtherClients> {
    return this.#sources.otherClients(this.#options.basePath, signal);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#sources[Symbol.asyncDispose]();
  }

  /** A service's name may have slashes in it, as Curator allows: it is one element, and several nodes. */
  #sourceOf(path: Path): ServiceSource | undefined {
    const element = path.elems[0];
    if (element === undefined) return undefined;
    const node = validPath(join(this.#options.basePath, nodeNameOf(element)));
    if (node === undefined) return undefined;
    return this.#sources.at({ path: node, reader: curatorReader });
  }

  #list(world: MirrorWorld, set: (state: State<readonly Path[]>) => void): Disposable {
    // A recursive watch would tell of every instance of every service.
    const support = new WatchSupport(false);
    const mirror = new NodeMirror({ path: this.#options.basePath, kind: namesOnly, world: { ...world, support } });
    mirror.join({
      heard: (children: NodeChildren<true> | undefined) => set(ok(pathsOf(children))),
      failed: (cause) => set(failed(cause)),
    });
    return mirror;
  }
}

const pathsOf = (children: NodeChildren<true> | undefined): readonly Path[] =>
  [...(children?.keys() ?? [])].sort().map((name) => Path.of(elementOf(name)));

const sameAddresses = (a: AddressSet, b: AddressSet): boolean => a.equals(b);
