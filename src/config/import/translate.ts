/** Says in the short form what can be said in it, and leaves the rest as it is. */
import type { Config, NamerConfig, RouterConfig } from "../config.ts";
import { ConfigError } from "../config-error.ts";
import { type ParseOptions, parseConfig } from "../load.ts";
import { madeList, madeMapping, madeNode } from "../made-source.ts";
import { meansTheSame } from "../meaning.ts";
import type { Source, SourceNode } from "../source.ts";
import { writeYaml } from "../write-yaml.ts";
import type { ReportLine } from "./import-report.ts";
import { idlePaths, without } from "./refused-parts.ts";
import { differingKey } from "./same-router.ts";
import { joined } from "./joined-routers.ts";
import { type Keys, type RequestRouterConfig, sayRouter, Unsayable } from "./say-router.ts";
import { saySource, sourceName } from "./say-source.ts";
import type { Writing } from "./say-targets.ts";
import { tellKeys, type Told } from "./tell-keys.ts";

/** Kinds of namers that lead to addresses, and never to a name that the dtab would rewrite again. */
const FINAL = new Set([
  ...["fs", "curator", "serversets", "zkLeader", "consul", "dnssrv", "k8s", "k8s.ns", "k8s.external"].map(
    (kind) => `io.l5d.${kind}`,
  ),
  "linkspan.dns",
  "linkspan.nomad",
]);

const ONE_EACH = "the short form has one router for each protocol, and another is it";

const HEAD = `# Made from a linkerd.yaml by linkspan import.\n`;

export async function translate(
  config: Config,
  read: Source,
  options: ParseOptions,
): Promise<{ readonly text: string; readonly report: readonly ReportLine[] }> {
  const sources = new Map<number, readonly [string, Keys]>();
  for (const [index, namer] of config.namers.entries()) {
    const said = await sourceOf(namer, config.namers, options);
    if (said !== undefined) sources.set(index, said);
  }
  const draft = new Draft(config, read, sources);
  const told = await draft.translateRouters(await effective(config, read, options), options);
  return { text: HEAD + draft.write(), report: tellKeys(config, read, sources, told) };
}

/** The routers as they would be without what has no effect in them. */
async function effective(config: Config, read: Source, options: ParseOptions): Promise<readonly RouterConfig[]> {
  const parts = idlePaths(config).filter(([top]) => top === "routers");
  if (parts.length === 0 || read.root?.kind !== "mapping") return config.routers;
  const text = writeYaml(without(read.root, parts));
  return (await readBack(text, options))?.routers ?? config.routers;
}

/** The name of a source and what it says, where that means the same as the namer. */
async function sourceOf(
  namer: NamerConfig,
  all: readonly NamerConfig[],
  options: ParseOptions,
): Promise<readonly [string, Keys] | undefined> {
  const name = sourceName(namer);
  const said = saySource(namer);
  // Where prefixes lie in each other the order of namers is a part of what they mean.
  const isAlone = all.every((other) => other === namer || !overlap(other, namer));
  if (name === undefined || said === undefined || !isAlone) return undefined;
  const probe = { sources: { [name]: said }, routes: { probe: "127.0.0.1:1" } };
  const [made] = (await readBack(writeYaml(madeMapping(entriesOf(probe))), options))?.namers ?? [];
  return made !== undefined && meansTheSame(namer, made) ? [name, said] : undefined;
}

function overlap({ prefix: a }: NamerConfig, { prefix: b }: NamerConfig): boolean {
  return a.startsWith(b) || b.startsWith(a);
}

async function readBack(text: string, options: ParseOptions): Promise<Config | undefined> {
  try {
    return await parseConfig(text, options);
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

function entriesOf(value: Keys): readonly (readonly [string, SourceNode])[] {
  return Object.entries(value).map(([key, each]) => [key, madeNode(each)]);
}

/** The file that is made: first what is said in the short form, then what stays. */
class Draft {
  readonly #config: Config;
  readonly #read: Source;
  readonly #sources: ReadonlyMap<number, readonly [string, Keys]>;
  #short: Keys = {};
  #translated: readonly number[] = [];

  constructor(config: Config, read: Source, sources: ReadonlyMap<number, readonly [string, Keys]>) {
    this.#config = config;
    this.#read = read;
    this.#sources = sources;
  }

  write(): string {
    const { root } = this.#read;
    const kept = root?.kind === "mapping" ? [...root.entries] : [];
    const isKept = (index: number): boolean => !this.#sources.has(index);
    const members: (readonly [string, SourceNode])[] = entriesOf({ ...this.#sourceKeys, ...this.#short }).slice();
    for (const [key, { value }] of kept) {
      if (key === "namers") members.push(...keptItems(key, value, isKept));
      else if (key === "routers") members.push(...keptItems(key, value, (index) => !this.#translated.includes(index)));
      else members.push([key, value]);
    }
    return writeYaml(madeMapping(members));
  }

  /** The first router that can be said, and one of the other protocol that says the same; why the others stay. */
  async translateRouters(routers: readonly RouterConfig[], options: ParseOptions): Promise<Told> {
    const reasons = new Map<number, Unsayable>();
    for (const [index, router] of routers.entries()) {
      if (this.#translated.length === 0) await this.#try([index], () => this.#say(router), routers, options, reasons);
      else await this.#join(index, router, routers, options, reasons);
    }
    return { translated: this.#translated, short: this.#short, reasons };
  }

  /** With those that are said already. */
  async #join(
    index: number,
    router: RouterConfig,
    routers: readonly RouterConfig[],
    options: ParseOptions,
    reasons: Map<number, Unsayable>,
  ): Promise<void> {
    const [others, said] = [this.#translated, this.#short];
    const say = (): Keys => {
      if (others.some((each) => routers[each]?.protocol === router.protocol)) throw new Unsayable("", ONE_EACH);
      return joined(said, this.#say(router));
    };
    await this.#try([...others, index], say, routers, options, reasons);
    if (reasons.has(index)) [this.#translated, this.#short] = [others, said];
  }

  async #try(
    indexes: readonly number[],
    say: () => Keys,
    routers: readonly RouterConfig[],
    options: ParseOptions,
    reasons: Map<number, Unsayable>,
  ): Promise<void> {
    try {
      this.#short = say();
      this.#translated = indexes;
      await this.#readBack(routers, options);
    } catch (error) {
      if (!(error instanceof Unsayable)) throw error;
      reasons.set(indexes.at(-1) ?? 0, error);
      [this.#translated, this.#short] = [[], {}];
    }
  }

  #say(router: RouterConfig): Keys {
    if (!isOfRequests(router)) throw new Unsayable("protocol", "it is no router of requests");
    checkIdentifier(router);
    return sayRouter(router, this.#writings);
  }

  /** Throws Unsayable unless what was said means the same. */
  async #readBack(routers: readonly RouterConfig[], options: ParseOptions): Promise<void> {
    let made: Config;
    try {
      made = await parseConfig(this.write(), options);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      throw new Unsayable("", error.problems[0]?.message ?? "it cannot be read back");
    }
    for (const index of this.#translated) {
      const router = routers[index];
      const other = made.routers
        .slice(0, this.#translated.length)
        .find(({ protocol }) => protocol === router?.protocol);
      const key = router === undefined || other === undefined ? "" : differingKey(router, other);
      if (key !== undefined) throw new Unsayable(key, "it has no key of its own");
    }
  }

  get #sourceKeys(): Keys {
    return this.#sources.size === 0 ? {} : { sources: Object.fromEntries(this.#sources.values()) };
  }

  /** How the targets of each namer are written. */
  get #writings(): ReadonlyMap<string, Writing> {
    const written = this.#config.namers.flatMap((namer, index): [string, Writing][] => {
      const name = sourceName(namer);
      if (name === undefined || !isFinal(namer)) return [];
      return [[name, this.#sources.has(index) && namer.kind === "io.l5d.k8s" ? "ported" : "plain"]];
    });
    return new Map(written);
  }
}

function keptItems(key: string, node: SourceNode, isKept: (index: number) => boolean): [string, SourceNode][] {
  const items = node.kind === "list" ? node.items.filter((_, index) => isKept(index)) : [];
  return items.length === 0 ? [] : [[key, madeList(items)]];
}

function isFinal({ kind, config, transformers }: NamerConfig): boolean {
  if (transformers.length > 0) return false;
  return FINAL.has(kind) || (kind === "io.l5d.marathon" && (config as Keys)["dst"] === undefined);
}

function isOfRequests(router: RouterConfig): router is RequestRouterConfig {
  return router.protocol !== "tcp";
}

/** Those that compare hosts; without regard to case and port the short form does. */
function checkIdentifier({ identifiers }: RouterConfig): void {
  const [first, more] = identifiers;
  const { kind, config } = first ?? { kind: "", config: {} };
  const header = String((config as Keys)["header"]).toLowerCase();
  const byHost = kind === "io.l5d.header.token" && (header === "host" || header === ":authority");
  if (more !== undefined || !(byHost || kind === "linkspan.host")) {
    throw new Unsayable("identifier", "routes go by the host");
  }
}
