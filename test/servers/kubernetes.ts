/** The real Kubernetes API server on loopback, with etcd and the endpoint controllers, in a folder of its own that goes with it. */
import { generateKeyPairSync } from "node:crypto";
import { cpSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "../../src/testing/eventually.ts";
import { type TempFolder, tempFolder } from "../e2e/temp-folder.ts";
import { type Authority, authority, type Issued } from "./certificates.ts";
import { freePort } from "./free-port.ts";
import { missingFor, programs } from "./installed.ts";
import type { KubernetesAdmin } from "./kubernetes-admin.ts";
import { KubernetesApiServer } from "./kubernetes-api-server.ts";
import { KubernetesProcess } from "./kubernetes-process.ts";
import { setStaticClock } from "./static-clock.ts";

const START_MS = 120_000;
const CONTROLLERS = [
  "endpoints-controller",
  "endpointslice-controller",
  "endpointslice-mirroring-controller",
  "garbage-collector-controller",
];

/** What is missing to run it, or `undefined`. */
export function missingForKubernetes(): string | undefined {
  return missingFor("etcd") ?? missingFor("kubernetes");
}

export interface KubernetesOptions {
  /** Which controllers run too; those that make Endpoints and EndpointSlices of pods where it is not said. */
  readonly controllers?: readonly string[] | false;
  /** How many API servers there are over one etcd; 1 where it is not said. */
  readonly apiServers?: number;
  /** More flags of the API server. */
  readonly flags?: readonly string[];
  /** Of its checks those that it never passes with such flags. */
  readonly failingChecks?: readonly string[];
}

export interface KubeconfigParts {
  /** Of what stands before the API server. */
  readonly port?: number;
  /** As a kubeconfig writes it. */
  readonly user?: object;
}

/** Ports and files of one server. */
interface Layout {
  readonly folder: TempFolder;
  readonly ca: Authority;
  readonly ports: {
    readonly etcd: number;
    readonly peer: number;
    readonly apis: readonly number[];
    readonly controllers: number;
  };
  readonly serving: Issued;
}

/** Disposing kills everything and removes the folder. */
export class KubernetesServer implements AsyncDisposable {
  readonly caPath: string;
  /** At least one. What is done to the API server is done to each. */
  readonly apiServers: readonly KubernetesApiServer[];
  readonly #first: KubernetesApiServer;
  readonly #layout: Layout;
  readonly #etcd: KubernetesProcess;
  readonly #controllers: KubernetesProcess | undefined;

  constructor(layout: Layout, options: KubernetesOptions) {
    const { folder, ca, ports } = layout;
    this.#layout = layout;
    this.caPath = ca.caPath;
    const log = (name: string): string => join(folder.path, `${name}.log`);
    this.#etcd = new KubernetesProcess(programs.etcd, etcdFlags(layout), log("etcd"));
    const { failingChecks = [] } = options;
    const by = { ca: readFileSync(ca.caPath), token: ADMIN_TOKEN, failingChecks };
    const apiServer = (port: number): KubernetesApiServer => {
      const process = new KubernetesProcess(programs.kubernetes, apiFlags(layout, port, options), log(`api-${port}`));
      return new KubernetesApiServer(port, process, by);
    };
    this.#first = apiServer(firstOf(ports.apis));
    this.apiServers = [this.#first, ...ports.apis.slice(1).map(apiServer)];
    const manager = join(folder.path, "kube-controller-manager");
    const { controllers = CONTROLLERS } = options;
    this.#controllers =
      controllers === false
        ? undefined
        : new KubernetesProcess(manager, controllerFlags(layout, controllers), log("controllers"));
  }

  /** Of the first API server. */
  get port(): number {
    return this.#first.port;
  }

  /** As `admin`, who may do everything, at the first API server. */
  get admin(): KubernetesAdmin {
    return this.#first.admin;
  }

  get url(): string {
    return `https://127.0.0.1:${this.port}`;
  }

  /** A folder for the test's own files. */
  get folder(): string {
    return this.#layout.folder.path;
  }

  /** Starts what does not run; resolves when the API server is ready. */
  async start(): Promise<void> {
    this.#etcd.start();
    // One after the other: the first makes what all of them find.
    for (const each of this.apiServers) {
      each.start();
      const ready = (): Promise<boolean> => {
        if (!this.#etcd.isRunning) throw new Error(`etcd ended: ${this.#etcd.log}`);
        return each.isReady();
      };
      await eventually(`the API server is ready on ${each.port}`, ready, START_MS);
    }
    this.#controllers?.start();
  }

  /** The API server alone, without a word to its callers. */
  async kill(): Promise<void> {
    await Promise.all(this.apiServers.map((each) => each.kill()));
  }

  /** With the same data. */
  async restart(): Promise<void> {
    await this.kill();
    await this.start();
  }

  /** The controllers end, and others begin with what is there. */
  async restartControllers(): Promise<void> {
    await this.#controllers?.kill();
    this.#controllers?.start();
  }

  /** The API server stands still, its sockets stay. */
  freeze(): void {
    for (const each of this.apiServers) each.freeze();
  }

  thaw(): void {
    for (const each of this.apiServers) each.thaw();
  }

  /** The wall clocks of the API server and of etcd are so far from the true one until they are started anew; ms, may be negative. */
  async setClock(offsetMs: number): Promise<void> {
    for (const { pid } of [this.#etcd, ...this.apiServers]) await setStaticClock(pid, offsetMs);
  }

  /** Ends all of it and puts its data aside; `start` begins with nothing. */
  async wipe(): Promise<void> {
    await this.#killAll();
    const saved = this.#file("saved");
    rmSync(saved, { recursive: true, force: true });
    cpSync(this.#file("data"), saved, { recursive: true });
    rmSync(this.#file("data"), { recursive: true });
  }

  /** Ends all of it and takes the data back that `wipe` put aside; `start` begins with it. */
  async restore(): Promise<void> {
    await this.#killAll();
    rmSync(this.#file("data"), { recursive: true, force: true });
    cpSync(this.#file("saved"), this.#file("data"), { recursive: true });
  }

  /** The text of a kubeconfig; as `admin`, and to the API server itself, where it is not said. */
  kubeconfig({ port = this.port, user = { token: ADMIN_TOKEN } }: KubeconfigParts = {}): string {
    return kubeconfigText(port, this.caPath, user);
  }

  /** A certificate that the API server takes its user's name and group from. */
  issueClient(user: string, group?: string): Issued {
    const subject = group === undefined ? {} : { subject: `/O=${group}` };
    return this.#layout.ca.issue(`client-${user}`, { commonName: user, ...subject });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#killAll();
    for (const each of this.apiServers) await each[Symbol.asyncDispose]();
    this.#layout.folder[Symbol.dispose]();
    this.#layout.ca[Symbol.dispose]();
  }

  async #killAll(): Promise<void> {
    await Promise.all([this.#controllers?.kill(), this.kill()]);
    await this.#etcd.kill();
  }

  #file(name: string): string {
    return join(this.folder, name);
  }
}

const ADMIN_TOKEN = "the-token-of-admin";

/** Resolves when it serves. */
export async function startKubernetes(options: KubernetesOptions = {}): Promise<KubernetesServer> {
  const ports = {
    etcd: await freePort(),
    peer: await freePort(),
    apis: await freePorts(options.apiServers ?? 1),
    controllers: await freePort(),
  };
  const folder = tempFolder();
  const ca = authority("Kubernetes");
  const serving = ca.issue("serving", {
    commonName: "kube-apiserver",
    names: ["IP:127.0.0.1", "DNS:kubernetes.default.svc"],
  });
  const layout = { folder, ca, ports, serving };
  writeFiles(layout);
  const server = new KubernetesServer(layout, options);
  try {
    await server.start();
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
  return server;
}

async function freePorts(count: number): Promise<readonly number[]> {
  const ports: number[] = [];
  while (ports.length < count) ports.push(await freePort());
  return ports;
}

function firstOf(ports: readonly number[]): number {
  const [first] = ports;
  if (first === undefined) throw new Error("a cluster has an API server");
  return first;
}

function writeFiles({ folder, ca, ports }: Layout): void {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
  writeFileSync(join(folder.path, "sa.key"), privateKey.export({ type: "pkcs1", format: "pem" }));
  writeFileSync(join(folder.path, "sa.pub"), publicKey.export({ type: "spki", format: "pem" }));
  writeFileSync(join(folder.path, "tokens.csv"), `${ADMIN_TOKEN},admin,1,"system:masters"\n`);
  symlinkSync(programs.kubernetes, join(folder.path, "kube-controller-manager"));
  writeFileSync(
    join(folder.path, "admin.kubeconfig"),
    kubeconfigText(firstOf(ports.apis), ca.caPath, { token: ADMIN_TOKEN }),
  );
}

function kubeconfigText(port: number, caPath: string, user: object): string {
  const cluster = { server: `https://127.0.0.1:${port}`, "certificate-authority": caPath };
  return JSON.stringify({
    "current-context": "here",
    contexts: [{ name: "here", context: { cluster: "here", user: "somebody" } }],
    clusters: [{ name: "here", cluster }],
    users: [{ name: "somebody", user }],
  });
}

function etcdFlags({ folder, ports }: Layout): readonly string[] {
  const client = `http://127.0.0.1:${ports.etcd}`;
  const peer = `http://127.0.0.1:${ports.peer}`;
  return [
    `--data-dir=${join(folder.path, "data")}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
  ];
}

function apiFlags(layout: Layout, port: number, { flags = [] }: KubernetesOptions): readonly string[] {
  const { folder, ca, ports, serving } = layout;
  const file = (name: string): string => join(folder.path, name);
  return [
    `--etcd-servers=http://127.0.0.1:${ports.etcd}`,
    "--bind-address=127.0.0.1",
    "--advertise-address=10.255.0.1",
    `--secure-port=${port}`,
    `--cert-dir=${file("certificates")}`,
    `--tls-cert-file=${serving.certPath}`,
    `--tls-private-key-file=${serving.keyPath}`,
    `--client-ca-file=${ca.caPath}`,
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-key-file=${file("sa.pub")}`,
    `--service-account-signing-key-file=${file("sa.key")}`,
    // A range of 24 bits would hold 254 services.
    "--service-cluster-ip-range=10.0.0.0/16",
    "--authorization-mode=RBAC",
    `--token-auth-file=${file("tokens.csv")}`,
    "--disable-admission-plugins=ServiceAccount",
    ...flags,
  ];
}

function controllerFlags({ folder, ports }: Layout, controllers: readonly string[]): readonly string[] {
  return [
    `--kubeconfig=${join(folder.path, "admin.kubeconfig")}`,
    `--controllers=${controllers.join(",")}`,
    "--leader-elect=false",
    "--bind-address=127.0.0.1",
    `--secure-port=${ports.controllers}`,
    `--cert-dir=${join(folder.path, "certificates")}`,
    `--service-account-private-key-file=${join(folder.path, "sa.key")}`,
  ];
}
