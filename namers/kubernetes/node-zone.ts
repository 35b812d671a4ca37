/** In which zone the node of this pod is: what the label of the node says. */
import { Backoff, type PluginContext, sleep, within } from "linkspan/plugin";
import type { OpenAccess } from "./api-access.ts";
import { type ApiPlace, ask, whatOf } from "./api-place.ts";
import { fieldsOf, textOf } from "./json-fields.ts";

const LABEL = "topology.kubernetes.io/zone";
const MAX_NODE_BYTES = 8 * 1024 * 1024;
const ANSWER_MS = 10_000;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;

export type NodeZoneContext = Pick<PluginContext, "clock" | "random" | "log" | "signal">;

/** Asks until it is answered; `undefined` for a node that has no zone, or when the signal aborts first. Never rejects. */
export async function zoneOfNode(
  node: string,
  open: OpenAccess,
  context: NodeZoneContext,
): Promise<string | undefined> {
  const { clock, random, log, signal } = context;
  const backoff = new Backoff(FIRST_WAIT_MS, LONGEST_WAIT_MS, random);
  for (let tries = 0; !signal.aborted; tries++) {
    try {
      const zone = await read(node, open, context);
      if (zone === undefined) log.warn("zone.unknown", { node, error: `the node has no label ${LABEL}` });
      return zone;
    } catch (error) {
      if (signal.aborted) break;
      if (tries === 0)
        log.warn("zone.unknown", { node, error: error instanceof Error ? error.message : String(error) });
      await sleep(clock, backoff.next(), signal).catch(() => undefined);
    }
  }
  return undefined;
}

async function read(node: string, open: OpenAccess, { clock, signal }: NodeZoneContext): Promise<string | undefined> {
  await using access = open();
  const place: ApiPlace = { path: `/api/v1/nodes/${encodeURIComponent(node)}`, shown: `the node ${node}` };
  const late = `${whatOf(access, place)}: not within ${ANSWER_MS} ms`;
  return await within({ clock, ms: ANSWER_MS, late, signal }, async (stop) => {
    using answer = await ask(access, place, { query: {}, signal: stop });
    const object = fieldsOf(JSON.parse(await answer.text(MAX_NODE_BYTES)));
    return textOf(fieldsOf(fieldsOf(object["metadata"])["labels"])[LABEL]) || undefined;
  });
}
