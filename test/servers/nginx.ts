/** nginx as a judge of what linkspan passes on and takes. */
import { existsSync } from "node:fs";
import { freePort } from "./free-port.ts";
import { Judge } from "./judge.ts";
import { nginxConfig } from "./nginx-config.ts";

const COMMAND = "/usr/sbin/nginx";

/** What is missing to run it, or `undefined`. */
export const missingForNginx = (): string | undefined =>
  existsSync(COMMAND) ? undefined : `${COMMAND} is missing: npm run servers`;

const WITH_TIMES = `client_header_timeout 1s;
  client_body_timeout 1s;`;

const options = (port: number, http: string) => ({
  name: "nginx",
  command: COMMAND,
  args: (folder: string) => ["-p", folder, "-e", "/dev/null", "-c"],
  config: (folder: string) =>
    nginxConfig(
      folder,
      `${WITH_TIMES}
  ${http}`,
    ),
  port,
});

/** Sends what it takes for requests to `upstreamPort`, over connections that it keeps. */
export async function nginxFront(upstreamPort: number): Promise<Judge> {
  const port = await freePort();
  const http = `
  upstream linkspan { server 127.0.0.1:${upstreamPort} max_fails=0; keepalive 4; keepalive_requests 1000000; }
  server {
    listen 127.0.0.1:${port};
    underscores_in_headers on;
    ignore_invalid_headers off;
    location / {
      proxy_pass http://linkspan;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_request_buffering off;
      proxy_next_upstream off;
      proxy_read_timeout 2s;
    }
  }`;
  return Judge.start(options(port, http));
}

/** Answers every request by 200, and counts them. */
export async function nginxBack(): Promise<Judge> {
  const port = await freePort();
  const statusPort = await freePort();
  const http = `
  server { listen 127.0.0.1:${port}; location / { return 200 "ok"; } }
  server { listen 127.0.0.1:${statusPort}; location / { stub_status; } }`;
  let asked = 0;
  const countRequests = async (): Promise<number> => {
    const text = await (await fetch(`http://127.0.0.1:${statusPort}/`)).text();
    const all = Number(/\n ?\d+ \d+ (\d+)/.exec(text)?.[1] ?? Number.NaN);
    return all - ++asked;
  };
  return Judge.start({ ...options(port, http), countRequests });
}
