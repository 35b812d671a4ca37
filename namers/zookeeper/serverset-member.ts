/** The JSON of a member of a serverset, as Twitter's libraries write it. */
import { bareHost, isPort } from "./host-text.ts";

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

export type MemberStatus = "DEAD" | "STARTING" | "ALIVE" | "STOPPING" | "STOPPED" | "WARNING" | "UNKNOWN";

export interface ServersetMember {
  /** The endpoint without a name. */
  readonly service: HostPort | undefined;
  /** Endpoints by their names. */
  readonly additional: ReadonlyMap<string, HostPort>;
  readonly status: MemberStatus;
  readonly shard: number | undefined;
  readonly metadata: Readonly<Record<string, string>>;
}

const STATUSES: readonly MemberStatus[] = ["DEAD", "STARTING", "ALIVE", "STOPPING", "STOPPED", "WARNING"];

/** Throws an Error that says why it is no member. An endpoint without a host or a port is none. */
export function readServersetMember(data: Uint8Array): ServersetMember {
  const fields = readFields(data);
  const shard = fields["shard"];
  const additional = Object.entries(recordOf(fields["additionalEndpoints"]))
    .map(([name, value]) => [name, endpointOf(value)] as const)
    .filter((entry): entry is readonly [string, HostPort] => entry[1] !== undefined);
  return {
    service: endpointOf(fields["serviceEndpoint"]),
    additional: new Map(additional),
    status: STATUSES.find((status) => status === fields["status"]) ?? "UNKNOWN",
    shard: typeof shard === "number" && Number.isInteger(shard) ? shard : undefined,
    metadata: Object.fromEntries(
      Object.entries(recordOf(fields["metadata"])).filter(
        (entry): entry is [string, string] => typeof entry[1] === "string",
      ),
    ),
  };
}

/** The JSON object that a node holds. */
export function readFields(data: Uint8Array): Readonly<Record<string, unknown>> {
  const text = new TextDecoder().decode(data);
  if (text.trim() === "") throw new Error("it is empty");
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error("it is not an object");
  return value as Readonly<Record<string, unknown>>;
}

function endpointOf(value: unknown): HostPort | undefined {
  const { host, port } = recordOf(value);
  if (typeof host !== "string" || !isPort(port)) return undefined;
  const bare = bareHost(host);
  return bare === "" ? undefined : { host: bare, port };
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  const isRecord = typeof value === "object" && value !== null && !Array.isArray(value);
  return isRecord ? (value as Readonly<Record<string, unknown>>) : {};
}
