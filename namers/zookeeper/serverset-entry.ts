/** Instances as Twitter's libraries register them: members in compact JSON, whose names the servers count. */
import { type EntryMark, type Instance, readMark, showMark } from "linkspan/plugin";
import type { EntryFormat, ReadEntry } from "./entry-format.ts";
import { isPort } from "./host-text.ts";
import { EntryRefused } from "./kept-entry.ts";
import { NO_ORIGIN } from "./marked-instance.ts";
import { type MemberStatus, readServersetMember } from "./serverset-member.ts";
import { isMemberNode, MARK_KEY, MEMBER, serversetInstance } from "./serverset-reader.ts";

/** The additional endpoint that has TLS. */
const HTTPS = "https";
/** What readers make of a member by themselves, or what is written by its own name. */
const OWN_KEYS: ReadonlySet<string> = new Set([MARK_KEY, "node", "shard", "status", "zone"]);
/** Each reader has all members in memory. */
const MOST_META_BYTES = 4_096;

/** For all serversets whose members are announced with this shard id. */
export const serversetEntries = (shard: number): EntryFormat => ({
  isSequential: true,
  parents: "persistent",
  isMarkedByName: false,
  wants: isMemberNode,
  nameOf: () => MEMBER,
  markIn: () => undefined,
  read(data, name): ReadEntry {
    const member = readServersetMember(data);
    if (member.service === undefined) throw new Error("it has no endpoint");
    const mark = readMark(member.metadata[MARK_KEY] ?? "");
    const instance = serversetInstance(name, member, member.service, 1, member.status === "ALIVE");
    const tlsPort = member.additional.get(HTTPS)?.port;
    return { instance: tlsPort === undefined ? instance : { ...instance, tlsPort }, ...(mark ? { mark } : {}) };
  },
  write(instance, mark) {
    const { host, tlsPort, port = tlsPort } = instance;
    if (host === "") throw new EntryRefused("it has no address");
    if (!isPort(port)) throw new EntryRefused("it has no port");
    const metadata = metadataOf(instance, mark);
    return JSON.stringify({
      serviceEndpoint: { host, port },
      additionalEndpoints: isPort(tlsPort) && tlsPort !== port ? { [HTTPS]: { host, port: tlsPort } } : {},
      status: statusOf(instance),
      shard,
      ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
    });
  },
});

/** What an instance that is not ready says of itself elsewhere, where it is one of these words. */
function statusOf({ ready, meta }: Instance): MemberStatus {
  if (ready) return "ALIVE";
  const said = meta?.["status"];
  return said === "STARTING" || said === "STOPPING" || said === "STOPPED" || said === "WARNING" ? said : "DEAD";
}

/** What is at home here, as a server that announces itself, has the bytes that Linkerd 1 wrote. */
function metadataOf({ zone, meta }: Instance, mark: EntryMark): Readonly<Record<string, string>> {
  return {
    ...carried(meta ?? {}),
    ...(zone === undefined ? {} : { zone }),
    ...(mark.origin === NO_ORIGIN ? {} : { [MARK_KEY]: showMark(mark) }),
  };
}

/** In an order that is always the same, and as much of it as fits. */
function carried(meta: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  let room = MOST_META_BYTES;
  for (const [key, value] of Object.entries(meta).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const bytes = Buffer.byteLength(key) + Buffer.byteLength(value);
    if (OWN_KEYS.has(key) || bytes > room) continue;
    room -= bytes;
    found[key] = value;
  }
  return found;
}
