/** A daemon with one worker over a registry of many names, called from here. */
import { writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { join } from "node:path";
import { freePort } from "../../servers/free-port.ts";
import { cores, startPinned, stop, waitForPort } from "../measure.ts";
import type { Site } from "../site.ts";
import { loopback, startEchoBackend } from "./backend.ts";
import type { ReadFrom } from "./registry.ts";
import { RemoteRegistry } from "./remote-registry.ts";

/** Addresses of each name. */
export const EACH = 10;
const PROBED = 50;
const CALLERS = 32;
const ROUTED_MS = 30_000;
const root = join(import.meta.dirname, "../../..");

export interface FieldSize {
  readonly names: number;
  /** Addresses of one more name; none where there is no such name. */
  readonly big: number;
}

export const serviceOf = (n: number): string => `s-${n}`;
/** Services of one instance. */
export const probeOf = (n: number): string => `p-${n % PROBED}`;
export const pass = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface Ports {
  readonly front: number;
  readonly back: number;
}

export class Field implements AsyncDisposable {
  readonly registry: RemoteRegistry;
  readonly pid: number;
  readonly #size: FieldSize;
  readonly #ports: Ports;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: CALLERS });
  readonly #stack: AsyncDisposableStack;
  /** Addresses that were never given to anybody. */
  #fresh: number;

  private constructor(
    registry: RemoteRegistry,
    pid: number,
    size: FieldSize,
    ports: Ports,
    stack: AsyncDisposableStack,
  ) {
    this.registry = registry;
    this.pid = pid;
    this.#size = size;
    this.#ports = ports;
    this.#stack = stack;
    this.#fresh = size.names * EACH + size.big + PROBED;
  }

  static async open(name: string, size: FieldSize, site: Site): Promise<Field> {
    await using stack = new AsyncDisposableStack();
    const registry = stack.use(await RemoteRegistry.start(name));
    const back = stack.use(await startEchoBackend()).port;
    for (let n = 0; n < PROBED; n++) registry.put(probeOf(n), [loopback(size.names * EACH + size.big + n)], back);
    await registry.settled();
    const front = await freePort();
    const file = join(site.folderOf(`scale-${name}`), "linkspan.yaml");
    writeFileSync(file, configuration(registry.readFrom, size.names, front));
    const child = startPinned(cores.proxy, [join(root, "bin/linkspan.cjs"), "run", file]);
    stack.defer(() => stop(child));
    await waitForPort(front, 15_000, child);
    return new Field(registry, child.pid ?? 0, size, { front, back }, stack.move());
  }

  /** Registers the names, but those that are probed, which are there from the start. */
  async fill(): Promise<void> {
    for (let n = 0; n < this.#size.names; n++) {
      const hosts = Array.from({ length: EACH }, (_, at) => loopback(n * EACH + at));
      this.registry.put(serviceOf(n), hosts, this.#ports.back);
    }
    await this.registry.settled();
  }

  /** Calls every name once. Resolves with how many were not answered. */
  callAll(): Promise<number> {
    const names = Array.from({ length: this.#size.names }, (_, n) => serviceOf(n));
    return this.#call([...names, ...Array.from({ length: PROBED }, (_, n) => probeOf(n))]);
  }

  /** As many calls as there are names, of those few that are probed: what runs for the first time takes memory, too. */
  warmUp(): Promise<number> {
    return this.#call(Array.from({ length: this.#size.names }, (_, n) => probeOf(n)));
  }

  async #call(left: string[]): Promise<number> {
    let failed = 0;
    const caller = async (): Promise<void> => {
      for (let service = left.pop(); service !== undefined; service = left.pop()) {
        if ((await this.ask(service)) === "") failed++;
      }
    };
    await Promise.all(Array.from({ length: CALLERS }, caller));
    return failed;
  }

  /** The address that answered; "" where none did. */
  ask(service: string): Promise<string> {
    return new Promise((resolve) => {
      const to = { port: this.#ports.front, host: "127.0.0.1", agent: this.#agent, headers: { host: service } };
      const call = request(to);
      call.on("error", () => resolve(""));
      call.on("response", (response) => {
        let body = "";
        response.setEncoding("latin1");
        response.on("data", (text: string) => (body += text));
        response.on("end", () => resolve(response.statusCode === 200 ? body : ""));
      });
      call.end();
    });
  }

  /** How many ms it takes until a service of one instance is called where that is now. */
  async move(service: string): Promise<number> {
    const host = loopback(this.#fresh++);
    const movedAt = performance.now();
    this.registry.set(service, 0, host, this.#ports.back);
    // The backend shows addresses of IPv4 as such of IPv6.
    while (!(await this.ask(service)).endsWith(host)) {
      if (performance.now() - movedAt > ROUTED_MS) throw new Error(`${service} is not called where it is`);
      await pass(1);
    }
    return performance.now() - movedAt;
  }

  /** Another address for one instance of some name. */
  touch(service: string, n: number): void {
    this.registry.set(service, n, loopback(this.#fresh++), this.#ports.back);
  }

  /** One name with very many addresses. */
  async putBig(service: string): Promise<void> {
    const { names, big } = this.#size;
    const hosts = Array.from({ length: big }, (_, n) => loopback(names * EACH + n));
    this.registry.put(service, hosts, this.#ports.back);
    await this.registry.settled();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#agent.destroy();
    await this.#stack.disposeAsync();
  }
}

function configuration({ namer, base }: ReadFrom, names: number, port: number): string {
  const most = names + 100;
  return `workers: 1
admin: {port: 0}
guard: {hold: 0s}
snapshot: {path: snapshot}
namers:
- ${namer}
routers:
- protocol: http
  dtab: /svc => ${base}
  bindingCache: {paths: ${most}, trees: ${most}, bounds: ${most}, clients: ${most}, idleTtlSecs: 3600}
  servers: [{port: ${port}}]
`;
}
