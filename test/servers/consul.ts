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
}

export class ConsulServer extends LocalServer {
  readonly port: number;
  /** With `tls`. */
  readonly httpsPort: number;
  readonly #isPersistent: boolean;
  readonly #token: string | undefined;

  constructor(ports: { http: number; https: number }, folder: string, options: ConsulServerOptions) {
    super(folder);
    this.port = ports.http;
    this.httpsPort = ports.https;
    this.#isPersistent = options.persistent === true;
    this.#token = options.masterToken;
  }

  /** Resolves when it leads, so that it can be written to. */
  async start(): Promise<void> {
    const mode = this.#isPersistent
      ? ["-server", "-bootstrap-expect=1", `-data-dir=${join(this.folder, "data")}`]
      : ["-dev"];
    const args = ["agent", ...mode, "-node=here", `-config-file=${join(this.folder, "agent.json")}`];
    this.run(programs.consul, args);
    await eventually(
      `Consul leads on ${this.port}`,
      async () => {
        if (this.exitCode !== undefined) throw new Error(`Consul ended with code ${this.exitCode}`);
        // Its own service is the last thing that a leader writes about itself.
        return (await this.#get("catalog/service/consul")).includes("ServiceID");
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

  async #get(path: string): Promise<string> {
    const headers = this.#token === undefined ? {} : { "x-consul-token": this.#token };
    try {
      const answer = await fetch(`http://127.0.0.1:${this.port}/v1/${path}`, { headers });
      return answer.ok ? await answer.text() : "";
    } catch {
      return "";
    }
  }
}

export async function startConsul(options: ConsulServerOptions = {}): Promise<ConsulServer> {
  const folder = await mkdtemp(join(tmpdir(), "linkspan-consul-"));
  const [http, https, server, serf] = [await freePort(), await freePort(), await freePort(), await freePort()];
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
    ...config,
  };
  await writeFile(join(folder, "agent.json"), JSON.stringify(agent));
  const consul = new ConsulServer({ http, https }, folder, options);
  try {
    await consul.start();
  } catch (error) {
    await consul[Symbol.asyncDispose]();
    throw error;
  }
  return consul;
}
