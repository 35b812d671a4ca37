/** Requests to pods of a real cluster while they come and go and the API server dies: not one may fail. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { shownEndpoints, startDaemon, type TestDaemon } from "../e2e/daemon.ts";
import { type Backend, startBackend } from "../load/backend.ts";
import { failed, OpenLoad } from "../load/open-load.ts";
import { letPass, waitUntil } from "../load/wait-until.ts";
import { type KubernetesServer, missingForKubernetes, startKubernetes } from "../servers/kubernetes.ts";
import { serviceObject } from "../servers/kubernetes-objects.ts";
import { KubernetesPods, type Pod } from "../servers/kubernetes-pods.ts";
import { inOwnNetwork } from "../servers/netns.ts";

const PORT = 8080;
/** A pod that no slice names any more still answers for so long, as those in clusters should. */
const GRACE_MS = 1_500;

const configuration = (kubeconfig: string): string => `
admin: {port: 0}
namers:
- {kind: io.l5d.k8s, kubeconfig: ${kubeconfig}}
routers:
- protocol: http
  dtab: /svc => /#/io.l5d.k8s/default/http ;
  servers: [{port: 0}]
`;

inOwnNetwork(import.meta.url, missingForKubernetes(), () => {
  test("pods come and go, and the API server dies and returns: no request fails", { timeout: 300_000 }, async () => {
    await using stack = new AsyncDisposableStack();
    const server = stack.use(await startKubernetes());
    const pods = await KubernetesPods.on(server.admin, {
      namespace: "default",
      app: "users",
      port: PORT,
      zone: "east",
    });
    await server.admin.put(
      serviceObject({ name: "users", namespace: "default", selector: { app: "users" }, targetPort: "http" }),
    );
    const site = new Site(stack, pods);
    await site.add(3);
    const kubeconfig = join(server.folder, "router.kubeconfig");
    writeFileSync(kubeconfig, server.kubeconfig());
    const daemon = stack.use(await startDaemon(configuration(kubeconfig)));
    const load = stack.use(new OpenLoad({ port: daemon.port, host: "users", perSecond: 200 }));
    await site.untilRouted(daemon);
    for (let round = 0; round < 3; round++) {
      await site.add(2);
      await site.untilRouted(daemon);
      await site.remove(2);
      await site.untilRouted(daemon);
    }
    await outage(server, daemon);
    await site.add(1);
    await site.remove(1);
    await site.untilRouted(daemon);
    await load.stop();
    assert.equal(
      failed(load.answers)
        .map((each) => JSON.stringify(each))
        .join("\n"),
      "",
    );
    assert.ok(load.offeredShare >= 0.95, `only ${load.offeredShare} of the load was sent`);
    assert.equal(new Set(load.answers.map(({ body }) => body)).size >= 9, true, "each pod had requests");
    assert.equal(daemon.logged("namer.stale").length, 1);
    assert.equal(daemon.logged("namer.recovered").length, 1);
  });
});

/** Long enough to be noticed. */
async function outage(server: KubernetesServer, daemon: TestDaemon): Promise<void> {
  await server.kill();
  await waitUntil("the outage is told", 10_000, () => daemon.logged("namer.stale").length > 0);
  await letPass(3_000);
  await server.start();
  await waitUntil("the recovery is told", 40_000, () => daemon.logged("namer.recovered").length > 0);
}

/** Pods with a backend each. */
class Site {
  readonly #stack: AsyncDisposableStack;
  readonly #pods: KubernetesPods;
  readonly #running: { readonly pod: Pod; readonly backend: Backend }[] = [];
  #made = 0;

  constructor(stack: AsyncDisposableStack, pods: KubernetesPods) {
    this.#stack = stack;
    this.#pods = pods;
  }

  async add(count: number): Promise<void> {
    for (let times = 0; times < count; times++) {
      const number = ++this.#made;
      const pod = { name: `users-${number}`, ip: `10.88.1.${number}` };
      const backend = this.#stack.use(await startBackend(pod.name, { host: pod.ip, port: PORT }));
      await this.#pods.run(pod);
      this.#running.push({ pod, backend });
    }
  }

  /** The oldest. */
  async remove(count: number): Promise<void> {
    for (const { pod, backend } of this.#running.splice(0, count)) {
      await this.#pods.delete(pod);
      await waitUntil("the controllers have seen that", 20_000, async () => !(await this.#pods.isNamed(pod)));
      await letPass(GRACE_MS);
      await backend.die();
    }
  }

  async untilRouted(daemon: TestDaemon): Promise<void> {
    const wanted = this.#running.map(({ pod }) => `${pod.ip}:${PORT}`).sort();
    await waitUntil(`the endpoints are ${wanted.join()}`, 20_000, async () => {
      return JSON.stringify(await shownEndpoints(daemon)) === JSON.stringify(wanted);
    });
  }
}
