/** What plain readers and writers of the registries on ZooKeeper make of their entries. */
import { curatorEntries } from "../../namers/zookeeper/curator-entry.ts";
import { serversetEntries } from "../../namers/zookeeper/serverset-entry.ts";
import { curatorJson } from "./curator-fixture.ts";
import { memberJson } from "./serverset-fixture.ts";
import type { PlainEntries } from "./zookeeper-announcer-fixture.ts";

interface CuratorJson {
  readonly address: string;
  readonly port: number;
}

export const plainCurator: PlainEntries = {
  format: curatorEntries,
  mode: "ephemeral",
  name: "legacy",
  write: (service, { host, port = 0 }) => curatorJson(service, { id: "legacy", host, port }),
  read(data) {
    const { address, port } = JSON.parse(data.toString()) as CuratorJson;
    return { host: address, port };
  },
};

interface MemberJson {
  readonly serviceEndpoint: { readonly host: string; readonly port: number };
  readonly status: string;
}

export const plainServerset: PlainEntries = {
  format: serversetEntries(0),
  mode: "ephemeral_sequential",
  name: "member_",
  write: (_, { host, port = 0 }) => memberJson({ host, port }),
  read(data) {
    const { serviceEndpoint, status } = JSON.parse(data.toString()) as MemberJson;
    return status === "ALIVE" ? serviceEndpoint : undefined;
  },
};
