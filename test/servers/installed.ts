/** Where the programs are that `npm run servers` installs, for tests and the bench. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** Outside of the checkout, so that a new one need not build them again. */
export const cacheFolder = join(homedir(), ".cache/linkspan");

/** Debian's package, unpacked. */
export const consulFolder = join(cacheFolder, "consul-1.8.7");

/** The generations of ZooKeeper beside the installed one, as Debian's packages unpacked. */
export const zooKeeperFolders = {
  "3.4": join(cacheFolder, "zookeeper-3.4.13"),
  "3.9": join(cacheFolder, "zookeeper-3.9.3"),
} as const;

/** The versions of Curator beside the installed one, as Debian's packages unpacked. */
export const curatorFolders = {
  "2.7": join(cacheFolder, "curator-2.7.1"),
  "5.7": join(cacheFolder, "curator-5.7.1"),
} as const;

/** Debian's package, unpacked: installed, it would start a service. */
export const etcdFolder = join(cacheFolder, "etcd-3.4.23");

/** A Go module whose files hold the versions of everything that is built. */
export const kubernetesModule = join(import.meta.dirname, "kubernetes");

/** What is built stays until what it is built of changes. */
function kubernetesFolder(): string {
  const hash = createHash("sha256");
  for (const file of ["go.sum", "main.go"]) hash.update(readFileSync(join(kubernetesModule, file)));
  return join(cacheFolder, `kubernetes-${hash.digest("hex").slice(0, 12)}`);
}

export const programs = {
  caddy: "/usr/bin/caddy",
  consul: join(consulFolder, "usr/bin/consul"),
  curl: "/usr/bin/curl",
  dnsmasq: "/usr/sbin/dnsmasq",
  envoy: join(cacheFolder, "envoy/envoy/_bin/envoy"),
  faketime: "/usr/bin/faketime",
  etcd: join(etcdFolder, "usr/bin/etcd"),
  h2load: "/usr/bin/h2load",
  h2spec: join(cacheFolder, "h2spec-2.2.1/h2spec"),
  haproxy: "/usr/sbin/haproxy",
  kubernetes: join(kubernetesFolder(), "kube-apiserver"),
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
