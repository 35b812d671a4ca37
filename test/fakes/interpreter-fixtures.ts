/** Interpreters of every kind over a dtab that tests write: in a file, and in fakes that speak the protocols of registries. */
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FakeConsul } from "./consul.ts";
import { CutProxy } from "./cut-proxy.ts";
import type { InterpreterFixture, InterpreterFixtureOptions } from "./interpreter-contract.ts";
import { FakeKubernetes } from "./kubernetes.ts";
import { FakeNamerd } from "./namerd.ts";

/** A file that cannot be asked is one that is not there. */
export async function dtabFile({ down }: InterpreterFixtureOptions): Promise<InterpreterFixture> {
  const folder = await mkdtemp(join(tmpdir(), "linkspan-dtab-"));
  const at = join(folder, "routes.dtab");
  const away = join(folder, "away");
  let isDown = down;
  const write = async (text: string): Promise<void> => {
    await writeFile(join(folder, "new"), text);
    await rename(join(folder, "new"), isDown ? away : at);
  };
  return {
    interpreter: { kind: "io.l5d.fs", dtabFile: "routes.dtab" },
    baseDir: folder,
    write,
    async spoil() {
      await write("/svc => /a ;\n/svc => & ;");
      return "routes.dtab:2:9";
    },
    remove: () => rm(at),
    async down() {
      isDown = true;
      await rename(at, away);
    },
    async up() {
      isDown = false;
      await rename(away, at);
    },
    connections: () => 0,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

export async function consulKey({ down }: InterpreterFixtureOptions): Promise<InterpreterFixture> {
  const fake = await FakeConsul.start();
  const proxy = await CutProxy.before(fake.port);
  if (down) await proxy.cut();
  const key = "namerd/dtabs/default";
  return {
    interpreter: { kind: "io.l5d.consul.interpreter", host: "127.0.0.1", port: proxy.port },
    write: (text) => fake.kv.write(key, text),
    spoil() {
      fake.kv.write(key, "/svc => /a ;\n/svc => & ;");
      return `consul:${key}:2:9`;
    },
    remove: () => fake.kv.write(key, undefined),
    ...proxy.verbs,
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]();
      await fake[Symbol.asyncDispose]();
    },
  };
}

export async function configMapKey({ down }: InterpreterFixtureOptions): Promise<InterpreterFixture> {
  const fake = await FakeKubernetes.start();
  const proxy = await CutProxy.before(fake.port);
  if (down) await proxy.cut();
  const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { namespace: "mesh", name: "routes" } };
  const write = (text: string): void => fake.put({ ...object, data: { "out.dtab": text, other: "of no use" } });
  return {
    interpreter: {
      kind: "io.l5d.k8s.configMap",
      host: "127.0.0.1",
      port: proxy.port,
      namespace: "mesh",
      name: "routes",
      filename: "out.dtab",
    },
    write,
    spoil() {
      write("/svc => /a ;\n/svc => & ;");
      return "configmap:mesh/routes/out.dtab:2:9";
    },
    remove: () => fake.remove(object),
    ...proxy.verbs,
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]();
      await fake[Symbol.asyncDispose]();
    },
  };
}

export async function namerdNamespace({ down }: InterpreterFixtureOptions): Promise<InterpreterFixture> {
  const fake = await FakeNamerd.start();
  const proxy = await CutProxy.before(fake.port);
  if (down) await proxy.cut();
  return {
    interpreter: {
      kind: "io.l5d.namerd.http",
      dst: `/$/inet/127.0.0.1/${proxy.port}`,
      namespace: "web",
      retry: { baseSeconds: 1, maxSeconds: 1 },
    },
    write: (text) => fake.put("web", text),
    ...proxy.verbs,
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]();
      await fake[Symbol.asyncDispose]();
    },
  };
}
