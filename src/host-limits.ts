/** What this host, or this Node, cannot do for a daemon that is restarted. */
import { readFileSync } from "node:fs";
import { type Config, defaultWorkers } from "./config/config.ts";
import { passesSockets } from "./net/listen-place.ts";

export interface HostFacts {
  /** Whether Node can tell the descriptor of a socket, by which another process gets it. */
  readonly passesSockets: boolean;
  /** Whether the kernel gives connections in the queue of a socket that closes to others of its port. */
  readonly movesQueues: boolean;
}

const MOVES_QUEUES = "net.ipv4.tcp_migrate_req";

/** A sentence for each; none where nothing is missing. */
export function hostLimits(
  { workers = defaultWorkers }: Pick<Config, "workers">,
  facts = factsOfThis(),
): readonly string[] {
  const limits: string[] = [];
  if (!facts.passesSockets)
    limits.push(
      "This Node cannot pass sockets on: `run --take-over` needs Node 26.4; else let systemd hold the sockets.",
    );
  if (workers > 1 && !facts.movesQueues)
    limits.push(`A worker that dies loses the connections that wait for it; against that: sysctl -w ${MOVES_QUEUES}=1`);
  return limits;
}

function factsOfThis(): HostFacts {
  return { passesSockets, movesQueues: movesQueues() };
}

/** A kernel that does not know the setting does not do it. */
function movesQueues(): boolean {
  try {
    return readFileSync(`/proc/sys/${MOVES_QUEUES.replaceAll(".", "/")}`, "latin1").trim() === "1";
  } catch {
    return false;
  }
}
