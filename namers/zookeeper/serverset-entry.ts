/** Instances as Twitter's libraries register them: members in compact JSON, whose names the servers count. */
import { type EntryMark, type Instance, readMark, showMark } from "linkspan/plugin";
import type { EntryFormat, ReadEntry } from "./entry-format.ts";
import { isPort } from "./host-text.ts";
import { EntryRefused } from "./kept-entry.ts";
import { NO_ORIGIN } from "./marked-instance.ts";
import { type MemberStatus, readServersetMember } from "./serverset-member.ts";
import { isMemberNode, MARK_KEY, MEMBER, serversetInstance } from "./serverset-reader.ts";

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
    return { instance, ...(mark ? { mark } : {}) };
  },
  write(instance, mark) {
    const { host, port = instance.tlsPort } = instance;
    if (host === "") throw new EntryRefused("it has no address");
    if (!isPort(port)) throw new EntryRefused("it has no port");
    const metadata = metadataOf(instance, mark);
    return JSON.stringify({
      serviceEndpoint: { host, port },
      additionalEndpoints: {},
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
function metadataOf({ zone }: Instance, mark: EntryMark): Readonly<Record<string, string>> {
  return {
    ...(zone === undefined ? {} : { zone }),
    ...(mark.origin === NO_ORIGIN ? {} : { [MARK_KEY]: showMark(mark) }),
  };
}
