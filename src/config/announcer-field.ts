/** Who registers servers: entries of a router's `announcers`, and what a server says of itself. */
import { isIP } from "node:net";
import { Path } from "../naming/path.ts";
import { PluginField, type PluginUse } from "./plugin-field.ts";
import type { Registry } from "./registry.ts";
import { s } from "./schema.ts";

/** An announcer of a router; it takes the names that begin with its prefix. */
export interface AnnouncerConfig extends PluginUse<"announcer"> {
  /** A server's `announce` reaches it as `/#` followed by this. */
  readonly prefix: Path;
}

export function announcersField(registry: Registry) {
  const common = s.object({
    prefix: s.optional(s.path({ doc: "Takes names below `/#` and this; `/` and the kind if it is not said." })),
  });
  return s.list(new PluginField(registry, "announcer", common, ["prefix"], {}), {
    default: [],
    doc: "Registries where servers of this router are announced.",
  });
}

export function assembleAnnouncer(read: PluginUse<"announcer"> & { readonly prefix?: Path }): AnnouncerConfig {
  return { ...read, prefix: read.prefix ?? Path.of(read.kind) };
}

/** What others are told of a server: a host, and a port where it is not the one that it listens on. */
export interface Advertised {
  readonly host: string;
  readonly port?: number;
}

const HOST = /^(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/;

/** `10.0.0.7`, `gw.example:8080`, `[::1]:80`, or a bare IPv6 address. */
export function readAdvertised(text: string): Advertised {
  if (isIP(text) !== 0) return { host: text };
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const host = bracketed ?? plain ?? "";
  const isHost = bracketed === undefined ? HOST.test(host) : isIP(bracketed) === 6;
  const number = port === undefined ? undefined : Number(port);
  if (!isHost || number === 0 || (number !== undefined && number > 65_535)) {
    throw new Error(`${JSON.stringify(text)} is not an address that others could call`);
  }
  return number === undefined ? { host } : { host, port: number };
}

/** Keys of servers of every protocol. */
export const announceKeys = {
  announce: s.optional(
    s.list(s.path(), {
      doc: "Names that it is announced by while it listens, such as `/#/io.l5d.serversets/web`.",
    }),
  ),
  advertise: s.optional(
    s.text(
      { expected: "an address with or without a port, such as 10.0.0.7 or gw.example:8080", parse: readAdvertised },
      {
        doc: "What others are told that it listens on; if it is not said its `ip`, and every address of this host for 0.0.0.0.",
      },
    ),
  ),
};
