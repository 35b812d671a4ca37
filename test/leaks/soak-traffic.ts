/** Traffic of every kind for one daemon, the good and the bad, as lanes. */
import { once } from "node:events";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import tls from "node:tls";
import { askTls } from "../e2e/tls-site.ts";
import { RawCaller } from "../fakes/raw-caller.ts";
import { askOnce } from "../load/open-load.ts";
import { letPass } from "../load/wait-until.ts";
import { expect, type Lane } from "./lanes.ts";
import { PAGE, type SoakSite } from "./soak-site.ts";
import { streamLanes } from "./soak-streams.ts";
import type { SoakedDaemon } from "./soaked-daemon.ts";

export interface Ports {
  readonly web: number;
  readonly secure: number;
  readonly calls: number;
  readonly bytes: number;
}

export function portsOf({ ports: [web = 0, secure = 0, calls = 0, bytes = 0] }: SoakedDaemon): Ports {
  return { web, secure, calls, bytes };
}

/** Lanes of one daemon. `tag` keeps the names apart that daemons of one site make up. */
export function trafficOf(ports: Ports, site: SoakSite, tag: string): readonly Lane[] {
  return [...webLanes(ports, site, tag), ...abortLanes(ports), ...secureLanes(ports), ...streamLanes(ports)];
}

function webLanes({ web }: Ports, { folder }: SoakSite, tag: string): readonly Lane[] {
  let turn = 0;
  const fresh = async (): Promise<void> => {
    const { status, body } = await askOnce({ port: web, host: "users" });
    expect(`a new connection got ${status} ${body}`, status === 200 && body === PAGE);
  };
  const unknown = async (): Promise<void> => {
    const { code } = await askOnce({ port: web, host: `made-up-${Math.random().toString(36).slice(2)}` });
    expect(`a made-up name got ${code}`, code === "name.negative");
  };
  /** A name that is new, is served, and is gone. */
  const passing = async (): Promise<void> => {
    const name = `passing-${tag}-${++turn}`;
    folder.write(`disco/${name}`, readFileSync(join(folder.path, "disco/broken"), "utf8"));
    const { status, code } = await askOnce({ port: web, host: name });
    rmSync(join(folder.path, "disco", name));
    expect(`a new name got ${status} ${code}`, status === 200);
  };
  return [
    { name: "new connections", everyMs: 100, act: fresh },
    { name: "made-up names", everyMs: 50, act: unknown },
    { name: "passing names", everyMs: 250, act: passing },
  ];
}

/** Those who leave in the middle, and endpoints that do. */
function abortLanes({ web }: Ports): readonly Lane[] {
  const upload = async (): Promise<void> => {
    using caller = await RawCaller.connect(web);
    caller.send("POST / HTTP/1.1\r\nHost: users\r\nContent-Length: 100000\r\n\r\n");
    caller.send(Buffer.alloc(50_000, "u"));
    await letPass(20);
  };
  const download = async (): Promise<void> => {
    using caller = await RawCaller.connect(web);
    caller.send("GET /big HTTP/1.1\r\nHost: users\r\n\r\n");
    await caller.until(({ got }) => got.length > 1_000, 15_000);
    caller.socket.resetAndDestroy();
  };
  const broken = async (): Promise<void> => {
    const { status, code } = await askOnce({ port: web, host: "broken", path: "/reset" });
    expect(`an endpoint that resets led to ${status} ${code}`, status >= 500 && code !== undefined);
  };
  const malformed = async (): Promise<void> => {
    using caller = await RawCaller.connect(web);
    caller.send("GET / HTTP/1.1\r\nHost : users\r\n\r\n");
    await caller.until(({ state }) => state !== "open", 15_000);
    expect(`a malformed request got ${caller.got}`, caller.got.startsWith("HTTP/1.1 400 "));
  };
  return [
    { name: "uploads broken off", everyMs: 200, act: upload },
    { name: "downloads broken off", everyMs: 200, act: download },
    { name: "endpoints that reset", everyMs: 200, act: broken },
    { name: "malformed requests", everyMs: 500, act: malformed },
  ];
}

function secureLanes({ secure }: Ports): readonly Lane[] {
  const good = async (): Promise<void> => {
    const { status, body } = await askTls(secure, { rejectUnauthorized: false, servername: "users" });
    expect(`over TLS came ${status} ${body}`, status === 200 && body === PAGE);
  };
  const distrusting = async (): Promise<void> => {
    const socket = tls.connect({ port: secure, host: "127.0.0.1", servername: "users" });
    const [error] = (await once(socket, "error")) as [Error];
    expect(`trust was missed as ${error.message}`, error.message.includes("certificate"));
    socket.destroy();
  };
  const noTls = async (): Promise<void> => {
    using caller = await RawCaller.connect(secure);
    caller.send("GET / HTTP/1.1\r\nHost: users\r\n\r\n");
    await caller.until(({ state }) => state !== "open", 15_000);
  };
  const silent = async (): Promise<void> => {
    using caller = await RawCaller.connect(secure);
    await letPass(100);
    expect("a silent caller was told something", caller.got === "");
  };
  return [
    { name: "TLS", everyMs: 150, act: good },
    { name: "TLS without trust", everyMs: 300, act: distrusting },
    { name: "plain text at TLS", everyMs: 300, act: noTls },
    { name: "silence at TLS", everyMs: 300, act: silent },
  ];
}
