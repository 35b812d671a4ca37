/** The names of serversets: `name[:endpoint][#shard]`, where only the last element of a path is taken apart. */
import { Path } from "linkspan/plugin";
import { nodePathOf } from "./node-names.ts";

/** Which endpoints of which node a name stands for. */
export interface ServersetJob {
  /** The node whose children are the members. */
  readonly path: string;
  /** One of the additional endpoints; the service's own where there is none. */
  readonly endpoint: string | undefined;
  readonly shard: number | undefined;
}

const SYNTAX = /^([^:#]+)(?::([^:#]+))?(?:#(\d+))?$/;

/** `undefined` for what can name no serverset. */
export function serversetJob(id: Path): ServersetJob | undefined {
  const last = id.elems.at(-1);
  if (last === undefined) return { path: "/", endpoint: undefined, shard: undefined };
  const [, name, endpoint, shard] = SYNTAX.exec(last) ?? [];
  if (name === undefined) return undefined;
  const path = nodePathOf(id.take(id.size - 1).concat(Path.of(name)));
  if (path === undefined) return undefined;
  return { path, endpoint, shard: shard === undefined ? undefined : Number(shard) };
}
