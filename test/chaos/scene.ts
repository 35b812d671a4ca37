/** A router with traffic, a real registry behind it, and the promises that hold whatever happens to that. */
import assert from "node:assert/strict";
import { type TestDaemon, shownClusters, startDaemon } from "../e2e/daemon.ts";
import { type TempFolder, tempFolder } from "../e2e/temp-folder.ts";
import { type Backend, startBackend } from "../load/backend.ts";
import { askOnce, failed, OpenLoad } from "../load/open-load.ts";
import { waitUntil } from "../load/wait-until.ts";
import type { ChaosRegistry, Registered } from "./registry.ts";

const PER_SECOND = 500;
const LEAST_OFFERED = 0.95;
const QUIET_NAMES = 10;
/** Of one outage; each name that is held has two. */
const MOST_LINES = 20 + 2 * (QUIET_NAMES + 1);
/** The promise: the view equals the registry's within this time of the end of the trouble. */
const SETTLED_MS = 5_000;

let scenes = 0;

export class Scene implements AsyncDisposable {
  readonly registry: ChaosRegistry;
  readonly daemon: TestDaemon;
  readonly load: OpenLoad;
  readonly spare: Backend;
  /** The service that the load calls. */
  readonly service: string;
  readonly #stack: AsyncDisposableStack;
  readonly #backends: readonly Backend[];
  /** Services that were called once. */
  readonly #quiet: readonly string[];
  /** Backends of each service by name, as the registry should have them. */
  readonly #registered: Map<string, readonly Backend[]>;
  #haveDied = false;

  private constructor(parts: {
    registry: ChaosRegistry;
    daemon: TestDaemon;
    backends: readonly Backend[];
    spare: Backend;
    service: string;
    quiet: readonly string[];
    registered: Map<string, readonly Backend[]>;
    stack: AsyncDisposableStack;
  }) {
    this.registry = parts.registry;
    this.daemon = parts.daemon;
    this.spare = parts.spare;
    this.service = parts.service;
    this.#backends = parts.backends;
    this.#quiet = parts.quiet;
    this.#registered = parts.registered;
    this.#stack = parts.stack;
    this.load = parts.stack.use(new OpenLoad({ port: this.daemon.port, host: this.service, perSecond: PER_SECOND }));
  }

  /** Two instances of one service under load, ten quiet services that were called once, and a spare for the first. */
  static async open(registry: ChaosRegistry, hold = "30s"): Promise<Scene> {
    await using stack = new AsyncDisposableStack();
    const number = ++scenes;
    const service = `users-${number}`;
    const quiet = Array.from({ length: QUIET_NAMES }, (_, n) => `quiet-${number}-${n}`);
    const backends: Backend[] = [];
    for (const n of [1, 2, 3]) backends.push(stack.use(await startBackend(`i-${n}`, registry.place(n))));
    const spare = stack.use(await startBackend("spare"));
    const [first, second] = backends as [Backend, Backend];
    const registered = new Map<string, readonly Backend[]>([[service, [first, second]]]);
    for (const each of quiet) registered.set(each, [first]);
    for (const [name, of] of registered) for (const each of of) await registry.register(name, instanceOf(each));
    const folder = stack.use(tempFolder({ [`spare/${service}`]: `127.0.0.1 ${spare.port}\n` }));
    const daemon = stack.use(await startDaemon(configuration(registry, folder, hold), folder.path));
    for (const host of [service, ...quiet]) await untilAnswered(daemon, host);
    const owner = stack.move();
    return new Scene({ registry, daemon, backends, spare, service, quiet, registered, stack: owner });
  }

  /** Changes every service: what a router must see when the trouble is over, or has missed. */
  async changeAll(): Promise<void> {
    const [first, second, third] = this.#backends as [Backend, Backend, Backend];
    await this.#set(this.service, [first, second, third]);
    for (const each of this.#quiet) await this.#set(each, [second, third]);
  }

  /** Every instance of every service is killed, and only the spare is left to call. */
  async killInstances(): Promise<void> {
    this.#haveDied = true;
    await Promise.all(this.#backends.map((each) => each.die()));
  }

  /** Everything is gone for good, so that nothing is what is registered. */
  forgetAll(): void {
    for (const service of this.#registered.keys()) this.#registered.set(service, []);
  }

  /** Waits until the registry's view and the router's are the same; 5 s are the promise. */
  async untilViewIsTrue(withinMs = SETTLED_MS): Promise<void> {
    const wanted = [...this.#registered.keys()].map((service) => [service, this.#wanted(service)] as const);
    let wrong = "";
    const isTrue = async (): Promise<boolean> => {
      const shown = await this.#shown();
      const differing = wanted.filter(([service, ports]) => (shown.get(service) ?? "") !== ports);
      wrong = differing.map(([service, ports]) => `${service} is ${shown.get(service) ?? ""}, not ${ports}`).join("; ");
      return differing.length === 0;
    };
    await waitUntil("the router's view is the registry's", withinMs, isTrue).catch((error: Error) => {
      throw new Error(`${error.message}: ${wrong}`, { cause: error });
    });
  }

  /** Whether each service has what was registered at first, and nothing was believed to be lost. */
  async assertNothingIsLost(): Promise<void> {
    const shown = await this.#shown();
    for (const service of this.#registered.keys()) assert.equal(shown.get(service), this.#wanted(service), service);
  }

  /** Waits until everything is confirmed: the outage is over for the router too. */
  async untilConfirmed(): Promise<void> {
    await waitUntil("nothing is stale", SETTLED_MS, async () => {
      return (await shownClusters(this.daemon)).every(({ state }) => state === "ok" || state === "held");
    });
  }

  async untilHeld(withinMs = 15_000): Promise<void> {
    await waitUntil("every loss is held", withinMs, async () => {
      const clusters = await shownClusters(this.daemon);
      return clusters.filter(({ id }) => id.startsWith(this.registry.base)).every(({ state }) => state === "held");
    });
  }

  /** Ends the load. No request has failed, the load was what it claims, and the log says what matters, briefly. */
  async close(): Promise<void> {
    await this.load.stop();
    assert.deepEqual(failed(this.load.answers, { killed: this.#haveDied }).slice(0, 5), []);
    assert.ok(this.load.offeredShare >= LEAST_OFFERED, `only ${this.load.offeredShare} of the load was sent`);
    const told = this.daemon.log.filter(({ level }) => level === "warn" || level === "error");
    assert.ok(told.length <= MOST_LINES, `${told.length} lines: ${JSON.stringify(told.slice(0, 50))}`);
    assert.deepEqual(this.daemon.logged("bug"), []);
  }

  /** The registry is as before, if it can be written to. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
    for (const service of this.#registered.keys()) await this.#set(service, []).catch(() => undefined);
  }

  async #set(service: string, backends: readonly Backend[]): Promise<void> {
    const before = this.#registered.get(service) ?? [];
    for (const each of backends) if (!before.includes(each)) await this.registry.register(service, instanceOf(each));
    for (const each of before) if (!backends.includes(each)) await this.registry.deregister(service, each.name);
    this.#registered.set(service, backends);
  }

  #wanted(service: string): string {
    const backends = this.#registered.get(service) ?? [];
    return backends
      .map(({ host, port }) => `${host}:${port}`)
      .sort()
      .join();
  }

  /** What the router would send to, by service; services that it has no cluster of are left out. */
  async #shown(): Promise<ReadonlyMap<string, string>> {
    const clusters = await shownClusters(this.daemon);
    const shown = clusters
      .filter(({ id }) => id.startsWith(this.registry.base))
      .map(
        ({ id, endpoints }) => [id.slice(id.lastIndexOf("/") + 1), endpoints.map(({ address }) => address)] as const,
      );
    return new Map(shown.map(([service, addresses]) => [service, [...addresses].sort().join()]));
  }
}

const instanceOf = ({ name, host, port }: Backend): Registered => ({ id: name, host, port });

function configuration({ namer, base }: ChaosRegistry, folder: TempFolder, hold: string): string {
  return `
admin: {port: 0}
guard: {hold: ${hold}}
namers:
- ${namer}
- {kind: io.l5d.fs, prefix: /spare, rootDir: ${folder.path}/spare}
routers:
- protocol: http
  dtab: |
    /svc => /#/spare ;
    /svc => ${base} ;
  servers: [{port: 0}]
`;
}

async function untilAnswered(daemon: TestDaemon, host: string): Promise<void> {
  await waitUntil(`${host} is answered`, 15_000, async () => {
    return (await askOnce({ port: daemon.port, host })).status === 200;
  });
}
