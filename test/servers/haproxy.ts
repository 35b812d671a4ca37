/** HAProxy as a judge of what linkspan passes on and takes. */
import { existsSync } from "node:fs";
import { freePort } from "./free-port.ts";
import { Judge } from "./judge.ts";

const COMMAND = "/usr/sbin/haproxy";

/** What is missing to run it, or `undefined`. */
export const missingForHaproxy = (): string | undefined =>
  existsSync(COMMAND) ? undefined : `${COMMAND} is missing: npm run servers`;

const around = (proxies: string): string => `
global
  nbthread 1
  maxconn 512
defaults
  mode http
  timeout connect 2s
  timeout client 5s
  timeout server 5s
  timeout http-request 1s
  timeout http-keep-alive 60s
${proxies}
`;

const options = (port: number, proxies: string) => ({
  name: "HAProxy",
  command: COMMAND,
  args: () => ["-db", "-q", "-f"],
  config: () => around(proxies),
  port,
});

/** Sends what it takes for requests to `upstreamPort`, over connections that it keeps. */
export async function haproxyFront(upstreamPort: number): Promise<Judge> {
  const port = await freePort();
  const proxies = `
frontend judge
  bind 127.0.0.1:${port}
  default_backend linkspan
backend linkspan
  http-reuse always
  server linkspan 127.0.0.1:${upstreamPort}`;
  return Judge.start(options(port, proxies));
}

/** Answers every request by 200, and counts them. */
export async function haproxyBack(): Promise<Judge> {
  const port = await freePort();
  const statusPort = await freePort();
  const proxies = `
frontend judge
  bind 127.0.0.1:${port}
  http-request return status 200 content-type text/plain string ok
frontend status
  bind 127.0.0.1:${statusPort}
  stats enable
  stats uri /`;
  const countRequests = async (): Promise<number> => {
    const text = await (await fetch(`http://127.0.0.1:${statusPort}/;csv`)).text();
    const [names, ...rows] = text.split("\n").map((row) => row.split(","));
    const row = rows.find(([proxy, side]) => proxy === "judge" && side === "FRONTEND");
    return Number(row?.[names?.indexOf("req_tot") ?? -1] ?? Number.NaN);
  };
  return Judge.start({ ...options(port, proxies), countRequests });
}
