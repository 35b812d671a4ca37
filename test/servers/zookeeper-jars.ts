/** Where the jars of each generation of ZooKeeper are, and what is missing to run one. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { missingFor, zooKeeperFolders } from "./installed.ts";

/** 3.4 and 3.9 are Debian's packages of other suites, unpacked; 3.8 is installed. */
export type Generation = "3.4" | "3.8" | "3.9";

export const generations: readonly Generation[] = ["3.4", "3.8", "3.9"];

const JAVA = "/usr/share/java";

/** What any generation needs beside its own; the netty jars are what the package's manifest forgets. */
const SHARED = ["slf4j-nop", "slf4j-api", "netty-codec", "netty-resolver", "netty-transport-native-unix-common"];

/** The first on the path wins: 3.9 must not find the serialisation of 3.8, which the others would bring. */
const OWN: Readonly<Record<Generation, readonly string[]>> = {
  "3.4": ["zookeeper"],
  "3.8": ["zookeeper"],
  "3.9": ["zookeeper-jute", "zookeeper"],
};

function jarsOf(generation: Generation): readonly string[] {
  const own = generation === "3.8" ? JAVA : join(zooKeeperFolders[generation], JAVA);
  return [
    ...OWN[generation].map((name) => join(own, `${name}.jar`)),
    ...["zookeeper", ...SHARED].map((name) => join(JAVA, `${name}.jar`)),
  ];
}

export function classPathOf(generation: Generation): string {
  return jarsOf(generation).join(":");
}

/** What is missing to run it, or `undefined`. */
export function missingForZooKeeper(generation: Generation = "3.8"): string | undefined {
  const jar = jarsOf(generation).find((each) => !existsSync(each));
  if (jar !== undefined) return `${jar} is missing: npm run servers`;
  const folders = (process.env["PATH"] ?? "").split(":");
  return folders.some((folder) => existsSync(join(folder, "java"))) ? undefined : "java is missing: npm run servers";
}

/** What is missing to start one whose clock can be set, or `undefined`. */
export function missingForFaketime(): string | undefined {
  return missingFor("faketime");
}
