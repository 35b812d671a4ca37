/** Installs the real servers that the tests use, from Debian's packages, and says what is missing. */
import { accessSync } from "node:fs";
import { runStep } from "./run-step.ts";

interface Server {
  readonly name: string;
  readonly packages: readonly string[];
  /** A file that is there when the server is. */
  readonly proof: string;
}

const servers: readonly Server[] = [
  { name: "Java compiler", packages: ["default-jdk-headless"], proof: "" },
  { name: "ZooKeeper", packages: ["libzookeeper-java"], proof: "/usr/share/java/zookeeper.jar" },
  {
    name: "Curator",
    packages: ["libcurator-discovery-java", "libcurator-recipes-java"],
    proof: "/usr/share/java/curator-x-discovery.jar",
  },
  { name: "HAProxy", packages: ["haproxy"], proof: "/usr/sbin/haproxy" },
  { name: "nginx", packages: ["nginx-light"], proof: "/usr/sbin/nginx" },
  { name: "wrk", packages: ["wrk"], proof: "/usr/bin/wrk" },
  { name: "Prometheus", packages: ["prometheus"], proof: "/usr/bin/prometheus" },
  { name: "Chromium", packages: ["chromium"], proof: "/usr/bin/chromium" },
];

function isThere(server: Server): boolean {
  const places = server.proof === "" ? javaCompilers() : [server.proof];
  return places.some((place) => {
    try {
      accessSync(place);
      return true;
    } catch {
      return false;
    }
  });
}

function javaCompilers(): string[] {
  return (process.env["PATH"] ?? "").split(":").map((folder) => `${folder}/javac`);
}

function report(): Server[] {
  const missing = servers.filter((server) => !isThere(server));
  for (const server of servers) console.log(`${missing.includes(server) ? "missing" : "there  "} ${server.name}`);
  return missing;
}

const missing = report();
if (missing.length > 0) {
  const apt = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const packages = missing.flatMap((server) => server.packages);
  console.log(`installing ${packages.join(" ")}`);
  const updated = await runStep("apt-get", ["update"], apt);
  const installed =
    updated === 0 ? await runStep("apt-get", ["install", "-y", "--no-install-recommends", ...packages], apt) : updated;
  process.exitCode = installed === 0 && report().length === 0 ? 0 : 1;
}
