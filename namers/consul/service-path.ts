/** From paths to services of Consul, and back. */
import { Path } from "linkspan/plugin";

/** As its path says it, in the letters that Consul is asked with. */
export interface ServiceName {
  /** `.local` is where the agent is. */
  readonly dc: string;
  readonly service: string;
  readonly tag: string | undefined;
}

/** Which service a path names, and what is left of it. */
export interface FoundService {
  readonly name: ServiceName;
  readonly id: Path;
  readonly residual: Path;
}

export interface PathShape {
  readonly includeTag: boolean;
  readonly tagAfterHash: boolean;
}

/** `undefined` where the path is too short, or names what cannot be a service. */
export function serviceAt(path: Path, { includeTag, tagAfterHash }: PathShape): FoundService | undefined {
  const size = includeTag ? 3 : 2;
  if (path.size < size) return undefined;
  const texts = path.elems.slice(0, size).map(textOf);
  if (!texts.every(canBeAsked)) return undefined;
  const [dc = "", ...rest] = texts;
  const last = rest.at(-1) ?? "";
  const hash = tagAfterHash ? last.indexOf("#") : -1;
  const tag = includeTag ? rest[0] : hash < 0 ? undefined : last.slice(hash + 1);
  const service = hash < 0 ? last : last.slice(0, hash);
  if (service === "" || tag === "") return undefined;
  const name = { dc, service: service.toLowerCase(), tag: tag?.toLowerCase() };
  return { name, id: path.take(size), residual: path.drop(size) };
}

/** Every path under which a service of `dc` is found, of one with tags where paths have them. */
export function pathsOf(dc: string, service: string, tags: readonly string[], shape: PathShape): readonly Path[] {
  const of = (...texts: readonly string[]): Path => Path.from(texts.map(elementOf));
  return shape.includeTag ? tags.map((tag) => of(dc, tag, service)) : [of(dc, service)];
}

/** A path's elements are bytes. */
const textOf = (element: string): string => Buffer.from(element, "latin1").toString("utf8");

const elementOf = (text: string): string => Buffer.from(text, "utf8").toString("latin1");

/** Nothing that could lead elsewhere in a URL, however it is read. */
const canBeAsked = (text: string): boolean =>
  // oxlint-disable-next-line no-control-regex -- they are what is refused
  text !== "" && text !== "." && text !== ".." && !/[\u0000-\u001f\u007f/\\]/.test(text);
