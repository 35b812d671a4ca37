/** Mirrors in the words of the short form: `from: k8s/shop/users:http` and `to: zk/users`, as what they stand for. */
import { Path } from "../naming/path.ts";
import type { ProblemList } from "./config-error.ts";
import { madeList, madeMapping, madeNode } from "./made-source.ts";
import { showSource } from "./mirror-schema.ts";
import { nearest } from "./nearest.ts";
import type { SourceConfig } from "./short-sources.ts";
import type { Source, SourceNode } from "./source.ts";
import { BadTarget, elementOf, hasCallersName, isAddress, nameOf, type SourceRoot } from "./targets.ts";

export interface MirrorReading {
  readonly source: Source;
  /** By name; those of `namers` have no words of their own to be written to. */
  readonly sources: Readonly<Record<string, SourceConfig>>;
  readonly roots: readonly SourceRoot[];
}

/** The list as a linkerd.yaml has it, or nothing where the file has none. Adds a problem for each name that is none. */
export function translateMirrors(reading: MirrorReading, problems: ProblemList): SourceNode | undefined {
  const list = reading.source.node(["mirrors"]);
  if (list?.kind !== "list") return list;
  return madeList(
    list.items.map((item, index) => {
      if (item.kind !== "mapping") return item;
      const members = [...item.entries].map(([key, { value }]): readonly [string, SourceNode] => {
        const written = wordsIn(key, value);
        if (written === undefined) return [key, value];
        try {
          return [key, key === "from" ? fromOf(written, reading) : toOf(written, reading)];
        } catch (error) {
          if (!(error instanceof BadTarget)) throw error;
          const { message, expected, nearest: meant } = error;
          const hint = meant === undefined ? {} : { nearest: meant };
          problems.add({ at: ["mirrors", index, key], message, expected, received: written, ...hint });
          return [key, value];
        }
      });
      return madeMapping(members);
    }),
  );
}

/** What a linkerd.yaml would not have there. */
function wordsIn(key: string, node: SourceNode): string | undefined {
  if (node.kind !== "scalar" || (key !== "from" && key !== "to")) return undefined;
  return key === "from" && node.text.startsWith("/") ? undefined : node.text;
}

/** A `*` stays one, as an element: here it stands for every name, not for a caller's. */
function fromOf(words: string, { roots }: MirrorReading): SourceNode {
  if (isAddress(words)) throw new BadTarget(words, "an address is in no registry", "SOURCE/SERVICE");
  const name = nameOf(words, roots, "any");
  return madeNode(showSource(hasCallersName(words) ? name.take(name.size - 1).concat(Path.of("*")) : name));
}

function toOf(words: string, { sources, roots }: MirrorReading): SourceNode {
  const [first = "", ...rest] = words.split("/");
  const source = Object.hasOwn(sources, first) ? sources[first] : undefined;
  if (source === undefined) throw unknownTarget(words, first, sources, roots);
  const target = targetIn(source, rest, words, first);
  return madeNode({ ...target, namer: `/${elementOf(first)}` });
}

function unknownTarget(
  words: string,
  first: string,
  sources: MirrorReading["sources"],
  roots: readonly SourceRoot[],
): BadTarget {
  const expected = "a target of a source under `sources`, such as zk/SERVICE, or a mapping with a `kind`";
  if (roots.some(({ name }) => name === first)) {
    return new BadTarget(words, `\`${first}\` is not of \`sources\`: say its \`kind\``, expected);
  }
  const meant = nearest(first, Object.keys(sources));
  const whole = meant === undefined ? undefined : meant + words.slice(first.length);
  return new BadTarget(words, `there is no source \`${first}\``, expected, whole);
}

/** Without what the namer says of the connection. A `*` at the end leaves the service to the name that is published. */
function targetIn(source: SourceConfig, rest: readonly string[], words: string, name: string): object {
  if (source.kubernetes !== undefined) return serviceIn(rest, words, name);
  const elements = rest.at(-1) === "*" ? rest.slice(0, -1) : rest;
  if (rest.length === 0 || elements.some((each) => each === "" || each === "*")) {
    throw new BadTarget(words, `\`${words}\` names no service`, `${name}/SERVICE, or ${name}/*`);
  }
  if (source.consul !== undefined) {
    if (elements.length > 1) throw new BadTarget(words, `\`${words}\` names no service`, `${name}/SERVICE`);
    return { kind: "io.l5d.consul", ...(elements[0] === undefined ? {} : { service: elements[0] }) };
  }
  if (source.zookeeper === undefined) {
    throw new BadTarget(
      words,
      `\`${name}\` is a source that is only read`,
      "a source of ZooKeeper, Consul or Kubernetes",
    );
  }
  const standard = source.format === "serversets" ? "/discovery" : "/";
  const place = [...source.zookeeper.split("/").slice(1), ...(source.path ?? standard).split("/"), ...elements];
  const node = `/${place.filter((each) => each !== "").join("/")}`;
  if (source.format === "serversets") return { kind: "io.l5d.serversets", pathPrefix: node };
  return { kind: "io.l5d.curator", path: node };
}

/** `NAMESPACE/SERVICE[:PORT]`, the port being the number that the Service is to have. */
function serviceIn(rest: readonly string[], words: string, name: string): object {
  const [namespace = "", last = ""] = rest;
  const [, service, port = "80"] = /^([^:]+)(?::(\d{1,5}))?$/.exec(last) ?? [];
  const isPort = Number(port) > 0 && Number(port) <= 65_535;
  if (rest.length !== 2 || namespace === "" || namespace === "*" || service === undefined || !isPort) {
    const expected = `${name}/NAMESPACE/SERVICE[:PORT], the port a number`;
    throw new BadTarget(words, `\`${words}\` names no Service that could be made`, expected);
  }
  const named = service === "*" ? {} : { service };
  return { kind: "io.l5d.k8s", namespace, ...named, ports: [{ name: "http", port: Number(port) }] };
}
