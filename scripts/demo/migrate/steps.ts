/** The walk-through, step by step: what docs/guide/migrate.md tells, typed and looked at. */
import { configuration, ordersToKubernetes, type Parts, usersToLegacy } from "./configurations.ts";
import type { Running } from "./stage.ts";
import type { EndlessCaller } from "./traffic.ts";
import type { Walk } from "./walk.ts";

export interface Cast {
  /** What runs, by service and world, such as `users vm`. */
  readonly running: Map<string, readonly Running[]>;
  /** Begins to call, and is shown from then on. */
  readonly direct: (name: string, service: string) => Promise<EndlessCaller>;
  readonly throughLinkspan: (name: string, service: string) => Promise<EndlessCaller>;
  readonly fromPods: (name: string, service: string) => Promise<EndlessCaller>;
  /** Ends a caller that is shown. */
  readonly retire: (name: string) => Promise<void>;
  readonly startDaemon: () => Promise<void>;
}

export interface Step {
  readonly title: string;
  readonly play: (walk: Walk, cast: Cast) => Promise<void>;
}

const both = { users: "zk/users", orders: "zk/orders" };
const usersMoved = { users: "k8s/shop/users:http", orders: "zk/orders" };
const bothMoved = { users: "k8s/shop/users:http", orders: "k8s/shop/orders-v2:http" };
const PACE = "--steps 10,50,100 --bake 2s --min-requests 20";

/** The file as it is at a step; ZooKeeper is in it unless left out. */
function fileOf({ registries }: Walk, parts: Omit<Parts, "host" | "zkAddrs">, zookeeper = true): string {
  const { zkAddrs, hostAddress: host } = registries;
  return configuration({ ...parts, host, ...(zookeeper ? { zkAddrs } : {}) });
}

async function takeUp(walk: Walk, text: string): Promise<void> {
  await walk.configure(text);
  await walk.type("linkspan diff linkspan.yaml", [0, 1]);
  await walk.type("linkspan reload");
}

async function shift(walk: Walk, service: string, to: string, reason: string): Promise<void> {
  const sides = `--from /#/zk/${service} --to /#/k8s/shop/http/${to}`;
  await walk.type(`linkspan shift start /svc/${service} ${sides} ${PACE} --reason '${reason}'`);
}

async function shiftIs(walk: Walk, service: string, state: string): Promise<void> {
  const isSo = ({ output }: { readonly output: string }): boolean => output.includes(`, ${state}`);
  await walk.typeUntil(`linkspan shift status ${service}`, isSo, 60_000);
}

async function runLegacy(walk: Walk, { running }: Cast, service: string): Promise<void> {
  const all = [1, 2].map((n) => walk.registries.runLegacy(service, `vm-${service}-${n}`));
  running.set(`${service} vm`, await Promise.all(all));
}

async function runPods(walk: Walk, { running }: Cast, service: string, app: string): Promise<readonly Running[]> {
  const pods = [await walk.registries.runPod(app, `pod-${app}-1`), await walk.registries.runPod(app, `pod-${app}-2`)];
  running.set(`${service} pod`, pods);
  return pods;
}

async function stop({ running }: Cast, which: string): Promise<void> {
  await Promise.all((running.get(which) ?? []).map((each) => each.stop()));
}

export const steps: readonly Step[] = [
  {
    title: "Two services register in ZooKeeper, and clients of Curator call them.",
    async play(walk, cast) {
      await runLegacy(walk, cast, "users");
      await runLegacy(walk, cast, "orders");
      await cast.direct("users, by Curator", "users");
    },
  },
  {
    title: "Linkspan runs on the callers' hosts: the same services by the same names.",
    async play(walk, cast) {
      await walk.configure(fileOf(walk, { kubernetes: false, routes: both }));
      await walk.type("linkspan check linkspan.yaml");
      await cast.startDaemon();
      await cast.throughLinkspan("users, through Linkspan", "users");
      await cast.throughLinkspan("orders, through Linkspan", "orders");
      await walk.type("linkspan names");
    },
  },
  {
    title:
      "Users comes up in Kubernetes, with a mistake: a tenth of the requests finds it, and they go back by themselves.",
    async play(walk, cast) {
      const pods = await runPods(walk, cast, "users", "users");
      for (const pod of pods) pod.fail(true);
      await takeUp(walk, fileOf(walk, { routes: both }));
      await shift(walk, "users", "users", "the first try");
      await shiftIs(walk, "users", "rolled-back");
      for (const pod of pods) pod.fail(false);
      await walk.type("linkspan shift ack users --reason 'the mistake is mended'");
    },
  },
  {
    title: "The mistake is mended: users moves, step by step, and then the file says it.",
    async play(walk) {
      await shift(walk, "users", "users", "mended");
      await shiftIs(walk, "users", "done");
      await takeUp(walk, fileOf(walk, { routes: usersMoved }));
      await walk.type("linkspan shift ack users --reason 'the file says it now'");
    },
  },
  {
    title: "Clients of Curator, which nobody changes, find the pods; the old instances end.",
    async play(walk, cast) {
      const { registries } = walk;
      await walk.configure(fileOf(walk, { routes: usersMoved, mirrors: [usersToLegacy] }));
      await walk.type("linkspan mirror plan linkspan.yaml", [0, 1]);
      await walk.type("linkspan reload");
      const finds = async (count: number): Promise<boolean> => (await registries.bySelf("users")).length === count;
      await walk.until("A client of Curator finds two instances and two pods.", () => finds(4));
      await walk.type("linkspan mirror status");
      await stop(cast, "users vm");
      await walk.until("It finds the two pods alone, now that the old instances have ended.", () => finds(2));
    },
  },
  {
    title: "Pods call orders, which is in ZooKeeper, as any Service: it leads through Linkspan, where weights apply.",
    async play(walk, cast) {
      const { registries } = walk;
      await takeUp(walk, fileOf(walk, { routes: usersMoved, mirrors: [usersToLegacy, ordersToKubernetes] }));
      const leads = async (): Promise<boolean> => (await registries.byService("orders")).length === 1;
      await walk.until("The Service orders leads to Linkspan.", leads);
      await cast.fromPods("orders, by pods", "orders");
      await walk.typeUntil("linkspan drift --all", ({ code }) => code === 0, 30_000);
    },
  },
  {
    title: "Orders moves as users did, for all of its callers at once; then its Service has pods of its own.",
    async play(walk, cast) {
      const { registries } = walk;
      await runPods(walk, cast, "orders", "orders-v2");
      await shift(walk, "orders", "orders-v2", "the last one");
      await shiftIs(walk, "orders", "done");
      await takeUp(walk, fileOf(walk, { routes: bothMoved, mirrors: [usersToLegacy, ordersToKubernetes] }));
      await walk.type("linkspan shift ack orders --reason 'the file says it now'");
      await registries.select("orders", "orders-v2");
      const leads = async (count: number): Promise<boolean> => (await registries.byService("orders")).length === count;
      await walk.until("The Service orders leads to two pods, and to Linkspan still.", () => leads(3));
      await takeUp(walk, fileOf(walk, { routes: bothMoved, mirrors: [usersToLegacy] }));
      await walk.until("It leads to its pods alone.", () => leads(2));
      await stop(cast, "orders vm");
    },
  },
  {
    title: "Who still needs ZooKeeper?",
    async play(walk) {
      await walk.type("linkspan usage --source zk", [0, 1]);
      await walk.type("linkspan decommission plan zk", [0, 1]);
    },
  },
  {
    title: "The last client of Curator is retired, and ZooKeeper is switched off.",
    async play(walk, cast) {
      await cast.retire("users, by Curator");
      await takeUp(walk, fileOf(walk, { routes: bothMoved }, false));
      await walk.registries.endZooKeeper();
      await walk.type("linkspan names");
    },
  },
];
