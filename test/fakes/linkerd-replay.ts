/** Replays of what a running Linkerd 1.7.5 was sent: its configurations on free ports, and messages said so that both can be compared. */
import { readFileSync } from "node:fs";
import { startDaemon, type TestDaemon } from "../e2e/daemon.ts";
import type { Field } from "./h2-hpack.ts";

/** One message, so that what is the same in all records does not show: the order and case of fields, ids and times. */
export interface Said {
  /** The first line, or the status. */
  readonly line: string;
  readonly fields: readonly string[];
  readonly body: string;
  readonly trailers: readonly string[];
}

export interface Outcome {
  readonly requests: readonly Said[];
  readonly answers: readonly Said[];
  /** How the answer, or the connection, ended. */
  readonly end: string;
}

const vectors = new URL("../vectors/linkerd/", import.meta.url);

export const readVectors = <T>(name: string): T[] =>
  readFileSync(new URL(name, vectors), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as T);

export const readVector = (name: string): string => readFileSync(new URL(name, vectors), "utf8");

/** Of these the name alone counts: their values change from run to run, or are sentences. */
const BY_NAME = new Set(["l5d-ctx-trace", "l5d-reqid", "l5d-ctx-deadline", "l5d-err"]);

/** What Linkerd adds and Linkspan does not, and the other way round, in every record (`always` in the differences). */
const ALWAYS = new Set(["linkspan-code", "linkspan-request-id", "finagle-http-retryable-request"]);

export function said(
  kind: "request" | "answer",
  line: string,
  fields: readonly Field[],
  body = "",
  trailers: readonly Field[] = [],
): Said {
  const lower = fields.map(([name, value]): Field => [name.toLowerCase(), value]);
  const isOwn = kind === "answer" && lower.some(([name]) => name === "l5d-err");
  const isKept = ([name, value]: Field): boolean =>
    !ALWAYS.has(name) &&
    !(kind === "request" && name === "content-length" && value === "0") &&
    !(kind === "answer" && name === "te") &&
    !(isOwn && name === "content-length");
  const told = (all: readonly Field[]): string[] => all.filter(isKept).map(show).toSorted();
  return { line, fields: told(lower), body: isOwn ? "" : body, trailers: told(trailers) };
}

function show([name, value]: Field): string {
  if (BY_NAME.has(name)) return name;
  // The labels of Forwarded are drawn for each request.
  if (name === "forwarded") return `${name}: ${value.replaceAll(/\b_[A-Za-z0-9]{6}\b/g, "_drawn")}`;
  const via = value.replaceAll("h2 linkerd", "2 linkspan").replaceAll(" linkerd", " linkspan");
  return `${name}: ${name === "via" ? via : value}`;
}

/** Says ports by what they are for, in every text of an outcome. */
export function withPorts<T>(outcome: T, ports: ReadonlyMap<string, string>): T {
  const pattern = new RegExp([...ports.keys()].join("|"), "g");
  return JSON.parse(JSON.stringify(outcome).replace(pattern, (port) => ports.get(port) ?? port)) as T;
}

/** The daemon of a recorded configuration, and its servers by the ports that they had. */
export async function recordedDaemon(
  name: string,
  change: (text: string) => string,
): Promise<{ daemon: TestDaemon; portOf: (recorded: number) => number }> {
  const text = change(readVector(name));
  const recorded = [...text.matchAll(/^ {2}- \{port: (\d+)/gm)].map(([, port]) => Number(port));
  const free = text.replace(/^( {2}- \{port: )\d+/gm, "$10").replace(/port: 999\d/, "port: 0");
  const daemon = await startDaemon(free);
  return {
    daemon,
    portOf: (port) => daemon.daemon.servers[recorded.indexOf(port)]?.port ?? 0,
  };
}
