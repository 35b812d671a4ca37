/** Where the programs are that `npm run servers` installs, for tests and the bench. */
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** Outside of the checkout, so that a new one need not build them again. */
export const cacheFolder = join(homedir(), ".cache/linkspan");

/** Debian's package, unpacked. */
export const consulFolder = join(cacheFolder, "consul-1.8.7");

export const programs = {
  caddy: "/usr/bin/caddy",
  consul: join(consulFolder, "usr/bin/consul"),
  curl: "/usr/bin/curl",
  envoy: join(cacheFolder, "envoy/envoy/_bin/envoy"),
  h2load: "/usr/bin/h2load",
  h2spec: join(cacheFolder, "h2spec-2.2.1/h2spec"),
  haproxy: "/usr/sbin/haproxy",
  nghttp: "/usr/bin/nghttp",
  nghttpx: "/usr/sbin/nghttpx",
  nginx: "/usr/sbin/nginx",
} as const;

export type Program = keyof typeof programs;

/** What is missing to run it, or `undefined`. */
export function missingFor(name: Program): string | undefined {
  const file = programs[name];
  return existsSync(file) ? undefined : `${file} is missing: npm run servers`;
}
