/** A real Consul agent on loopback, from Debian's package, in a folder of its own that goes with it. */
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "../../src/testing/eventually.ts";
import { freePort } from "./free-port.ts";
import { missingFor, programs } from "./installed.ts";
import { LocalServer } from "./local-server.ts";
import { setStaticClock } from "./static-clock.ts";

/** A server that keeps its data takes about ten seconds until it leads itself. */
const START_MS = 40_000;
/** It shows its clock in whole seconds. */
const CLOCK_MS = 5_000;
const NO_PORTS = { dns: -1, grpc: -1, serf_wan: -1 };

/** What is missing to run it, or `undefined`. */
export const missingForConsul = (): string | undefined => missingFor("consul");

export interface ConsulServerOptions {
  /** Whether its data survives a restart; then a restart takes ten seconds. */
  readonly persistent?: boolean;
  /** Of the master of ACLs, under a policy that denies by default; without it there are no ACLs. */
  readonly masterToken?: string;
  /** Serves HTTPS too, to clients with a certificate of this authority. */
  readonly tls?: { readonly caPath: string; readonly certPath: string; readonly keyPath: string };
  /** More of the agent's configuration. */
  readonly config?: object;
  /** Its part in a cluster, whose data survives; alone it leads itself. */
  readonly member?: ConsulMember;
}

export interface ConsulMember {
  readonly name: string;
  /** Which others hear of it at. */
  readonly gossipPort: number;
  /** Where it hears of the others. */
  readonly others: readonly number[];
  /** How many servers there are, if it is one of them. */
  readonly servers?: number;
}

export class ConsulServer extends LocalServer {
  readonly port: number;
  /** With `tls`. */
  readonly httpsPort: number;
  readonly #role: readonly string[];
  readonly #token: string | undefined;

  constructor(ports: { http: number; https: number }, folder: string, options: ConsulServerOptions) {
    super(folder);
    this.port = ports.http;
    this.httpsPort = ports.https;
    this.#role = roleOf(folder, options);
    this.#token = options.masterToken;
  }

  /** Resolves when it leads, or knows who does, so that it can be written to. */
  async start(): Promise<void> {
    this.launch();
    await this.serving();
  }

  launch(): void {
    this.run(programs.consul, ["agent", ...this.#role, `-config-file=${join(this.folder, "agent.json")}`]);
  }

  async serving(): Promise<void> {
    await eventually(
      `Consul serves on ${this.port}`,
      async () => {
        if (this.exitCode !== undefined) throw new Error(`Consul ended with code ${this.exitCode}`);
        // Its own service is the last thing that a leader writes about itself.
        return (await this.get("catalog/service/consul")).includes("ServiceID");
      },
      START_MS,
    );
  }

  /** Its wall clock is so far from the true one until it is started anew; ms, may be negative. */
  async setClock(offsetMs: number): Promise<void> {
    await setStaticClock(this.pid, offsetMs);
    const answer = await fetch(`http://127.0.0.1:${this.port}/v1/status/leader`);
    const shown = Date.parse(answer.headers.get("date") ?? "") - Date.now();
    if (Math.abs(shown - offsetMs) > CLOCK_MS) throw new Error(`its clock is ${shown} ms from the true one`);
  }

  /** The text at a path below `/v1`; empty where it does not answer well. */
  async get(path: string): Promise<string> {
    const headers = this.#token === undefined ? {} : { "x-consul-token": this.#token };
    try {
      const answer = await fetch(`http://127.0.0.1:${this.port}/v1/${path}`, { headers });
      return answer.ok ? await answer.text() : "";
    } catch {
      return "";
    }
  }
}

function roleOf(folder: string, { persistent = false, member }: ConsulServerOptions): readonly string[] {
  const data = `-data-dir=${join(folder, "data")}`;
  const server = (of: number): readonly string[] => ["-server", `-bootstrap-expect=${of}`];
  if (member) return [...(member.servers ? server(member.servers) : []), data, `-node=${member.name}`];
  return [...(persistent ? [...server(1), data] : ["-dev"]), "-node=here"];
}

export async function startConsul(options: ConsulServerOptions = {}): Promise<ConsulServer> {
  const consul = await makeConsul(options);
  try {
    await consul.start();
  } catch (error) {
    await consul[Symbol.asyncDispose]();
    throw error;
  }
  return consul;
}

/** Its folder, and not its process. */
export async function makeConsul(options: ConsulServerOptions): Promise<ConsulServer> {
  const folder = await mkdtemp(join(tmpdir(), "linkspan-consul-"));
  const { member } = options;
  const [http, https, server] = [await freePort(), await freePort(), await freePort()];
  const serf = member?.gossipPort ?? (await freePort());
  const { masterToken, tls, config = {} } = options;
  const acl = { enabled: true, default_policy: "deny", tokens: { master: masterToken } };
  const secure = tls && { ca_file: tls.caPath, cert_file: tls.certPath, key_file: tls.keyPath };
  const agent = {
    bind_addr: "127.0.0.1",
    client_addr: "127.0.0.1",
    log_level: "ERR",
    disable_update_check: true,
    performance: { raft_multiplier: 1 },
    ports: { ...NO_PORTS, http, server, serf_lan: serf, ...(tls ? { https } : {}) },
    ...(masterToken === undefined ? {} : { acl }),
    ...(secure ? { ...secure, verify_incoming_https: true } : {}),
    ...(member ? { retry_join: member.others.map((port) => `127.0.0.1:${port}`), retry_interval: "1s" } : {}),
    ...config,
  };
  await writeFile(join(folder, "agent.json"), JSON.stringify(agent));
  return new ConsulServer({ http, https }, folder, options);
}
