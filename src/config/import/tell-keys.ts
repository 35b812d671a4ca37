/** Tells of each key of a linkerd.yaml where it is said now, or why it stays. */
import type { Config } from "../config.ts";
import type { At } from "../field.ts";
import type { Source } from "../source.ts";
import { type ReportLine, showKey } from "./import-report.ts";
import { idlePaths } from "./refused-parts.ts";
import type { Keys, Unsayable } from "./say-router.ts";
import { retriedByH2 } from "./say-settings.ts";

/** What became of the routers. */
export interface Told {
  readonly translated: readonly number[];
  /** The keys that they became. */
  readonly short: Keys;
  /** Why the others stay as they are, where it was tried. */
  readonly reasons: ReadonlyMap<number, Unsayable>;
}

type Sources = ReadonlyMap<number, readonly [string, Keys]>;

export function tellKeys(config: Config, read: Source, sources: Sources, told: Told): readonly ReportLine[] {
  const teller = new Teller(config, read);
  return keysAt(read, []).flatMap((key) => {
    if (key === "namers") return config.namers.map((_, index) => teller.namer(index, sources));
    if (key === "routers") return config.routers.flatMap((_, index) => teller.router(index, told));
    return [teller.line([key], { fate: "same", to: key })];
  });
}

/** Keys of a router, and those of the short form that say the same. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  protocol: ["listen"],
  identifier: ["routes"],
  dtab: ["routes"],
  servers: ["listen", "trust"],
  client: ["balancer", "failurePenalty", "attemptTimeout", "maxPending", "protocol", "tls"],
  service: ["timeout", "retries"],
};

class Teller {
  readonly #config: Config;
  readonly #read: Source;
  readonly #idle: ReadonlySet<string>;

  constructor(config: Config, read: Source) {
    this.#config = config;
    this.#read = read;
    this.#idle = new Set(idlePaths(config).map((at) => JSON.stringify(at)));
  }

  line(at: At, { fate, to, note }: Pick<ReportLine, "fate" | "to" | "note">): ReportLine {
    const { line } = this.#read.place(at, { key: true });
    return {
      key: showKey(at),
      line,
      fate,
      ...(to === undefined ? {} : { to }),
      ...(note === undefined ? {} : { note }),
    };
  }

  namer(index: number, sources: Sources): ReportLine {
    const at: At = ["namers", index];
    const source = sources.get(index);
    if (source !== undefined) return this.line(at, { fate: "same", to: `sources.${source[0]}` });
    return this.line(at, { fate: "same", to: "namers", note: "stays as it is: no source says the same" });
  }

  router(index: number, { translated, short, reasons }: Told): readonly ReportLine[] {
    const at: At = ["routers", index];
    if (translated.includes(index)) return this.#translated(at, short);
    const why = reasons.get(index);
    const label = why === undefined || why.key === "" ? "" : `\`${why.key}\`: `;
    const note = `stays as it is: ${label}${why?.message ?? ""}`;
    return [this.line(at, { fate: "same", to: "routers", note })];
  }

  #translated(at: At, short: Keys): readonly ReportLine[] {
    const keys = keysAt(this.#read, at);
    const lines = keys.map((key) => this.#key([...at, key], key, short));
    const unwritten = (["identifier", "service"] as const)
      .filter((key) => !keys.includes(key))
      .map((key): ReportLine | undefined => {
        const note = key === "identifier" ? BY_HOST : this.#judgedByStatus(at);
        return note === undefined ? undefined : this.line([...at, key], { fate: "changed", to: "routes", note });
      });
    return [...unwritten.filter((line) => line !== undefined), ...lines];
  }

  /** What changes where a classifier of HTTP/2 is one that knows gRPC, too. */
  #judgedByStatus([, index]: At): string | undefined {
    const { service } = this.#config.routers[Number(index)] ?? {};
    const all = service === undefined ? [] : [service.base, ...service.rules.map(({ settings }) => settings)];
    const isAny = all.some(({ responseClassifier }) => retriedByH2(responseClassifier?.kind ?? "") !== undefined);
    return isAny ? BY_STATUS : undefined;
  }

  #key(at: At, key: string, short: Keys): ReportLine {
    const [, index] = at;
    const router = this.#config.routers[Number(index)];
    if (this.#idle.has(JSON.stringify(at))) return this.line(at, { fate: "same", note: "left out: it has no effect" });
    if (key === "identifier" && router?.identifiers[0]?.kind !== "linkspan.host") {
      return this.line(at, { fate: "changed", to: "routes", note: BY_HOST });
    }
    const judged = key === "service" ? this.#judgedByStatus(at) : undefined;
    const said = (KEYS[key] ?? []).filter((each) => each in short || isIn(short["routes"], each));
    if (judged !== undefined) return this.line(at, { fate: "changed", to: said.join(", ") || "routes", note: judged });
    if (key === "label" && router?.label !== router?.protocol) return this.line(at, { fate: "same", to: "listen" });
    if (said.length > 0) return this.line(at, { fate: "same", to: said.join(", ") });
    return this.line(at, { fate: "same", note: "left out: it says what is meant anyway" });
  }
}

const BY_STATUS = "answers of gRPC are judged by their gRPC status, not by that of HTTP alone";
const BY_HOST = "hosts are compared without their case and port";

/** Whether a route says it. */
function isIn(routes: unknown, key: string): boolean {
  return Object.values(routes as Keys).some(
    (route) => typeof route === "object" && route !== null && "to" in route && key in route,
  );
}

function keysAt(read: Source, at: At): readonly string[] {
  const node = read.node(at);
  return node?.kind === "mapping" ? [...node.entries.keys()] : [];
}
