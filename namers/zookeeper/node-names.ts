/** The names of nodes, which are text, and the elements of paths, which are bytes. */
import type { Path } from "linkspan/plugin";
import { checkPath } from "./paths.ts";

export const nodeNameOf = (element: string): string => Buffer.from(element, "latin1").toString("utf8");

export const elementOf = (nodeName: string): string => Buffer.from(nodeName, "utf8").toString("latin1");

/** The node that a path of plain elements stands for; `undefined` where there can be none. */
export function nodePathOf(path: Path): string | undefined {
  if (path.elems.some((element) => element.includes("/"))) return undefined;
  return validPath(`/${path.elems.map(nodeNameOf).join("/")}`);
}

/** `path` itself where a server would take it. */
export function validPath(path: string): string | undefined {
  try {
    checkPath(path);
    return path;
  } catch {
    return undefined;
  }
}
