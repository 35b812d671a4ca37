/** Interpreters whose dtab is in a registry are held to their contract on a real Consul and a real Kubernetes API server. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { CutProxy } from "../fakes/cut-proxy.ts";
import {
  type InterpreterFixture,
  type InterpreterFixtureOptions,
  interpreterContract,
} from "../fakes/interpreter-contract.ts";
import { type ConsulServer, missingForConsul, startConsul } from "../servers/consul.ts";
import { type KubernetesServer, missingForKubernetes, startKubernetes } from "../servers/kubernetes.ts";
import { namespaceObject } from "../servers/kubernetes-objects.ts";
import { requireServer } from "../servers/require.ts";

const noConsul = missingForConsul();
const noKubernetes = missingForKubernetes();
let consul: ConsulServer | undefined;
let kubernetes: KubernetesServer | undefined;

before(async () => {
  const started = await Promise.all([
    noConsul === undefined ? startConsul() : undefined,
    noKubernetes === undefined ? startKubernetes({ controllers: false }) : undefined,
  ]);
  [consul, kubernetes] = started;
});
after(async () => {
  await consul?.[Symbol.asyncDispose]();
  await kubernetes?.[Symbol.asyncDispose]();
});

async function consulKey({ down, name: namespace }: InterpreterFixtureOptions): Promise<InterpreterFixture> {
  const port = consul?.port ?? 0;
  const key = `namerd/dtabs/${namespace}`;
  const proxy = await CutProxy.before(port);
  if (down) await proxy.cut();
  const ask = async (method: string, body?: string): Promise<void> => {
    const answer = await fetch(`http://127.0.0.1:${port}/v1/kv/${key}`, {
      method,
      ...(body === undefined ? {} : { body }),
    });
    if (!answer.ok) throw new Error(`Consul answered ${answer.status}`);
  };
  return {
    interpreter: { kind: "io.l5d.consul.interpreter", host: "127.0.0.1", port: proxy.port, namespace },
    write: (text) => ask("PUT", text),
    async spoil() {
      await ask("PUT", "/svc => /a ;\n/svc => & ;");
      return `consul:${key}:2:9`;
    },
    remove: () => ask("DELETE"),
    down: () => proxy.cut(),
    up: () => proxy.mend(),
    connections: () => proxy.connections,
    [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose](),
  };
}

async function configMap({ down, name }: InterpreterFixtureOptions): Promise<InterpreterFixture> {
  if (kubernetes === undefined) throw new Error("there is no API server");
  const { admin, folder } = kubernetes;
  const namespace = `ns-${name}`;
  await admin.put(namespaceObject(namespace));
  const proxy = await CutProxy.before(kubernetes.port);
  if (down) await proxy.cut();
  const kubeconfig = join(folder, `${namespace}.kubeconfig`);
  writeFileSync(kubeconfig, kubernetes.kubeconfig({ port: proxy.port }));
  const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { namespace, name: "routes" } };
  const write = (text: string): Promise<void> =>
    admin.put({ ...object, data: { "out.dtab": text, other: "of no use" } });
  return {
    interpreter: { kind: "io.l5d.k8s.configMap", kubeconfig, namespace, name: "routes", filename: "out.dtab" },
    write,
    async spoil() {
      await write("/svc => /a ;\n/svc => & ;");
      return `configmap:${namespace}/routes/out.dtab:2:9`;
    },
    remove: async () => void (await admin.delete(object)),
    down: () => proxy.cut(),
    up: () => proxy.mend(),
    connections: () => proxy.connections,
    [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose](),
  };
}

test("Consul's agent is there", (t) => void requireServer(t, noConsul));
test("the API server of Kubernetes is there", (t) => void requireServer(t, noKubernetes));

if (noConsul === undefined) {
  interpreterContract("io.l5d.consul.interpreter on an agent", consulKey, {
    place: /^consul:namerd\/dtabs\/[0-9a-f]+:2$/,
    removed: "believed",
    canBeSpoiled: true,
  });
}

if (noKubernetes === undefined) {
  interpreterContract("io.l5d.k8s.configMap on the real API server", configMap, {
    place: /^configmap:ns-[0-9a-f]+\/routes\/out\.dtab:2$/,
    removed: "believed",
    canBeSpoiled: true,
  });
}
