/** `linkspan mirror apply` is killed at each of its requests, before it is served or after it; whoever starts then ends where the source is. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { curatorEntries } from "../../namers/zookeeper/curator-entry.ts";
import { Op } from "../../namers/zookeeper/records.ts";
import { type SpawnedProcess, spawnCli } from "../e2e/cli.ts";
import { type TempFolder, tempFolder } from "../e2e/temp-folder.ts";
import { curatorJson } from "../fakes/curator-fixture.ts";
import { FakeKubernetes } from "../fakes/kubernetes.ts";
import { endpointsOf, nativeSlice } from "../fakes/kubernetes-announcer-fixture.ts";
import type { StoredObject } from "../fakes/kubernetes-history.ts";
import { FakeZooKeeper } from "../fakes/zookeeper.ts";
import { waitUntil } from "../load/wait-until.ts";

/** Each start of a process takes a second: in the short run it dies at writes only, and once at each of them. */
const isLong = process.env["LINKSPAN_TESTS"] === "long";
const ENDS_WITHIN_MS = 60_000;
const FORMER = "10.1.0.1 8001\n10.1.0.1 8002\n10.1.0.1 8003\n";
const SOURCE = "10.1.0.1 8002\n10.1.0.1 8003\n10.1.0.1 8004\n10.1.0.1 8005\n";
const NATIVE = 9000;
const WANTED = "8002,8003,8004,8005,9000";

/** What is done at a request: false where it is not to be served. */
type Heard = (isWrite: boolean) => boolean;

interface Target extends AsyncDisposable {
  /** As a mirror's `to` says it. */
  readonly to: string;
  heard: Heard;
  /** Of all who can be called there, in order. */
  readonly ports: string;
  readonly native: unknown;
  /** What nobody renews is over. */
  endLeases(): void;
}

const shown = (ports: readonly (number | undefined)[]): string => ports.toSorted((a = 0, b = 0) => a - b).join();

async function kubernetesTarget(former: readonly StoredObject[]): Promise<Target> {
  const fake = await FakeKubernetes.start();
  const native = nativeSlice("shop", "users", { host: "10.1.0.9", port: NATIVE });
  for (const object of [...former, native]) fake.put(object);
  fake.spoil = (_, verb) => (target.heard(verb === "write") ? undefined : { status: 500 });
  const isLease = ({ kind }: StoredObject): boolean => kind === "Lease";
  const target: Target = {
    to: `{kind: io.l5d.k8s, host: 127.0.0.1, port: ${fake.port}, namespace: shop, service: users, ports: [{name: http, port: 80}]}`,
    heard: () => true,
    get ports() {
      const entries = fake.history.all("endpointslices").flatMap((slice) => endpointsOf(slice, "users"));
      return shown(entries.map(({ port }) => port));
    },
    get native() {
      return fake.history.find("endpointslices", "shop", native.metadata.name)?.metadata.resourceVersion;
    },
    endLeases: () =>
      fake.history
        .all("leases")
        .filter(isLease)
        .forEach((lease) => fake.remove(lease)),
    [Symbol.asyncDispose]: () => fake[Symbol.asyncDispose](),
  };
  return target;
}

const WRITES: ReadonlySet<number> = new Set([
  Op.create,
  Op.create2,
  Op.createContainer,
  Op.delete,
  Op.setData,
  Op.multi,
]);

async function zookeeperTarget(): Promise<Target> {
  const fake = await FakeZooKeeper.start();
  fake.set("/services/users/native", curatorJson("users", { id: "native", host: "10.1.0.9", port: NATIVE }));
  fake.spoil = (op) => (target.heard(WRITES.has(op)) ? undefined : -1);
  const target: Target = {
    to: `{kind: io.l5d.curator, zkAddrs: "${fake.connectString}", path: /services/users}`,
    heard: () => true,
    get ports() {
      const read = (name: string): number | undefined =>
        curatorEntries.read(Buffer.from(fake.get(`/services/users/${name}`) ?? ""), name)?.instance.port;
      return shown(fake.children("/services/users").map(read));
    },
    get native() {
      return fake.get("/services/users/native");
    },
    endLeases: () => fake.expireSession(),
    [Symbol.asyncDispose]: () => fake[Symbol.asyncDispose](),
  };
  return target;
}

function written(folder: TempFolder, { to }: Target, source: string): string {
  folder.write("disco/users", source);
  return folder.write(
    "linkspan.yaml",
    `
admin: {port: 0}
namers: [{kind: io.l5d.fs, rootDir: ./disco}]
mirrors: [{name: users, from: /#/io.l5d.fs/users, to: ${to}, probe: false, interval: 200ms}]
`,
  );
}

/** Dies at the n-th request; false when there was none. */
async function diesAt(n: number, isServed: boolean, file: string, target: Target): Promise<boolean> {
  await using applying: SpawnedProcess = spawnCli(["mirror", "apply", file]);
  let heard = 0;
  let isDead = false;
  target.heard = (isWrite) => {
    if (isDead) return false;
    if (!isWrite && !isLong) return true;
    if (++heard < n) return true;
    applying.signal("SIGKILL");
    isDead = true;
    return isServed;
  };
  await applying.endWithin(ENDS_WITHIN_MS);
  target.heard = () => true;
  return isDead;
}

async function converges(file: string, target: Target, when: string): Promise<void> {
  await using running: SpawnedProcess = spawnCli(["mirror", "run", file]);
  const isThere = (): boolean => target.ports === WANTED;
  await waitUntil("it is as the source", ENDS_WITHIN_MS, isThere).catch((error: unknown) => {
    throw new Error(`${when}: ${target.ports}; ${running.out}${running.err}`, { cause: error });
  });
}

/** The number of deaths. */
async function killAtEach(make: () => Promise<Target>): Promise<number> {
  for (let n = 1; ; n++) {
    for (const isServed of isLong ? [false, true] : [n % 2 === 0]) {
      await using target = await make();
      using folder = tempFolder();
      const file = written(folder, target, SOURCE);
      const { native } = target;
      if (!(await diesAt(n, isServed, file, target))) return n - 1;
      target.endLeases();
      await converges(file, target, `killed ${isServed ? "after" : "before"} request ${n} was served`);
      assert.equal(target.native, native, "what is someone else's stays as it is");
    }
  }
}

test("what is killed while it writes to Kubernetes is made good", { timeout: 1_700_000 }, async (t) => {
  const former = await formerObjects();
  const deaths = await killAtEach(() => kubernetesTarget(former));
  t.diagnostic(`${deaths} requests`);
  assert.ok(deaths >= 3);
});

test("what is killed while it writes to ZooKeeper is made good", { timeout: 1_700_000 }, async (t) => {
  const deaths = await killAtEach(zookeeperTarget);
  t.diagnostic(`${deaths} requests`);
  assert.ok(deaths >= 3);
});

/** What a former life of the mirror left, of which some is to change and some to go. */
async function formerObjects(): Promise<readonly StoredObject[]> {
  await using fake = await FakeKubernetes.start();
  using folder = tempFolder();
  const to = `{kind: io.l5d.k8s, host: 127.0.0.1, port: ${fake.port}, namespace: shop, service: users, ports: [{name: http, port: 80}]}`;
  await using applying = spawnCli(["mirror", "apply", written(folder, { to } as Target, FORMER)]);
  const { code, out, err } = await applying.endWithin(ENDS_WITHIN_MS);
  assert.equal(code, 0, out + err);
  return ["services", "endpointslices"].flatMap((resource) => fake.history.all(resource));
}
