/** A namerd's HTTP API (`io.l5d.httpController`) on a real socket, over dtabs in memory, with the verbs of trouble. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { AddressSet } from "../../src/base/address.ts";
import { ok, type State, Var } from "../../src/base/var.ts";
import type { Delegation, Step } from "../../src/naming/delegation.ts";
import { Dtab } from "../../src/naming/dtab.ts";
import { DtabInterpreter } from "../../src/naming/interpreter.ts";
import { leaves, type NameTree, showTree } from "../../src/naming/name-tree.ts";
import type { NamerEntry } from "../../src/naming/namer-table.ts";
import type { Bound } from "../../src/naming/namer.ts";
import { Path } from "../../src/naming/path.ts";
import { Dial, noDns } from "./naming-fixture.ts";

/** How a document is written, and when it is not to be written at all. */
type Encode<T> = (state: State<T>) => object | string | undefined;

export class FakeNamerd implements AsyncDisposable {
  /** `METHOD /path?query` of every question. */
  readonly asked: string[] = [];
  /** Every question is answered so. */
  refusal: { readonly status: number; readonly text: string } | undefined;
  /** Streams end after their first document. */
  endsStreams = false;
  mostConnections = 0;
  readonly #dtabs = new Map<string, Dial<Dtab>>();
  readonly #namers: readonly NamerEntry[];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #streams = new Set<ServerResponse>();

  private constructor(namers: readonly NamerEntry[]) {
    this.#namers = namers;
    this.#server = createServer((request, response) => void this.#serve(request, response));
    this.#server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      this.mostConnections = Math.max(this.mostConnections, this.#sockets.size);
      socket.on("error", () => undefined);
      socket.once("close", () => this.#sockets.delete(socket));
    });
  }

  static async start(namers: readonly NamerEntry[] = []): Promise<FakeNamerd> {
    const fake = new FakeNamerd(namers);
    fake.#server.listen(0, "127.0.0.1");
    await once(fake.#server, "listening");
    return fake;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  /** How many streams are open. */
  get streams(): number {
    return this.#streams.size;
  }

  put(namespace: string, dtab: string): void {
    this.#dtab(namespace).set(ok(Dtab.read(dtab)));
  }

  /** Text in the place of a document, and the end of every stream: as namerd tells of a storage that fails. */
  tellError(text: string): void {
    for (const stream of this.#streams) stream.end(`${text}\n`);
  }

  /** A document in every stream. */
  tell(document: object): void {
    for (const stream of this.#streams) stream.write(`${JSON.stringify(document)}\n`);
  }

  endStreams(): void {
    for (const stream of this.#streams) stream.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #dtab(namespace: string): Dial<Dtab> {
    const known = this.#dtabs.get(namespace);
    if (known) return known;
    const made = new Dial<Dtab>();
    this.#dtabs.set(namespace, made);
    return made;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://namerd");
    this.asked.push(`${request.method} ${request.url}`);
    if (this.refusal) return void response.writeHead(this.refusal.status).end(this.refusal.text);
    const [, api, version, verb = "", namespace = ""] = url.pathname.split("/");
    if (api !== "api" || version !== "1") return void response.writeHead(404).end();
    const path = Path.read(url.searchParams.get("path") ?? "/");
    const local = Dtab.read(url.searchParams.get("dtab") ?? "");
    const isWatch = ["1", "true"].includes(url.searchParams.get("watch") ?? "");
    const interpreter = new DtabInterpreter({
      dtab: this.#dtab(decodeURIComponent(namespace)).var,
      namers: this.#namers,
      systemNamers: noDns,
    });
    if (verb === "bind") return this.#tell(response, interpreter.bind(local, path), treeDocument, isWatch);
    if (verb === "addr") return this.#tell(response, this.#addresses(interpreter, path), addressDocument, isWatch);
    if (verb === "delegate") return this.#tell(response, interpreter.delegate(local, path), delegationDocument, false);
    response.writeHead(404).end();
  }

  #addresses(interpreter: DtabInterpreter, id: Path): Var<AddressSet | undefined> {
    const begin = id.elems.findIndex((elem) => elem === "#" || elem === "$");
    return interpreter
      .bind(Dtab.empty, begin > 0 ? id.drop(begin) : id)
      .flatMap<AddressSet | undefined>(
        (tree) =>
          leaves(tree)[0]?.addresses.map<AddressSet | undefined>((set) => set) ??
          Var.of<AddressSet | undefined>(undefined),
      );
  }

  #tell<T>(response: ServerResponse, source: Var<T>, encode: Encode<T>, isWatch: boolean): void {
    response.writeHead(200, { "content-type": "application/json" });
    response.flushHeaders();
    let last = "";
    let observing: Disposable | undefined;
    let isOver = false;
    const over = (): void => {
      isOver = true;
      this.#streams.delete(response);
      observing?.[Symbol.dispose]();
    };
    if (isWatch) this.#streams.add(response);
    response.once("close", over);
    observing = source.observe((state) => {
      const document = encode(state);
      const line = typeof document === "string" ? document : JSON.stringify(document);
      if (document === undefined || line === last || isOver || response.writableEnded) return;
      last = line;
      if (isWatch && !this.endsStreams) return void response.write(`${line}\n`);
      response.end(`${line}\n`);
    });
    if (isOver) observing[Symbol.dispose]();
  }
}

const treeDocument: Encode<NameTree<Bound>> = (state) => {
  if (state.tag === "pending") return undefined;
  return state.tag === "failed" ? { type: "exception", message: state.cause.message } : treeNode(state.value);
};

function treeNode(tree: NameTree<Bound>): object {
  switch (tree.tag) {
    case "leaf":
      return { type: "leaf", bound: boundNode(tree.value) };
    case "alt":
      return { type: "alt", alt: tree.trees.map(treeNode) };
    case "union":
      return { type: "union", union: tree.branches.map(({ weight, tree: of }) => ({ weight, tree: treeNode(of) })) };
    default:
      return { type: tree.tag };
  }
}

function boundNode({ id, addresses, residual }: Bound): object {
  return { addr: addressDocument(addresses.sample()) ?? { type: "pending" }, id: id.show, path: residual.show };
}

const addressDocument: Encode<AddressSet | undefined> = (state) => {
  if (state.tag === "pending") return undefined;
  if (state.tag === "failed") return { type: "failed", cause: state.cause.message };
  if (state.value === undefined) return { type: "neg" };
  const addrs = state.value.addresses.map(({ host, port, weight, meta }) => ({
    ip: host,
    port,
    meta: { ...meta, ...(weight === 1 ? {} : { endpoint_addr_weight: weight }) },
  }));
  return { type: "bound", addrs, meta: state.value.meta };
};

const delegationDocument: Encode<Delegation> = (state) =>
  state.tag === "ok" && state.value.outcome.tag !== "pending" ? stepNode(state.value.root) : undefined;

function stepNode(step: Step): object {
  const { dentry } = step;
  const node = {
    type: step.kind,
    path: step.path.show,
    ...(dentry ? { dentry: { prefix: dentry.prefix.show, dst: showTree(dentry.dst) } } : {}),
  };
  switch (step.kind) {
    case "delegate":
      return { ...node, delegate: stepNode(step.next) };
    case "alt":
      return { ...node, alt: step.steps.map(stepNode) };
    case "union":
      return { ...node, union: step.steps.map(({ weight, step: each }) => ({ weight, tree: stepNode(each) })) };
    case "leaf":
      return {
        ...node,
        bound: { ...boundNode(step.bound), addr: addressDocument(step.addresses) ?? { type: "pending" } },
      };
    case "exception":
      return { ...node, message: step.message };
    default:
      return node;
  }
}
