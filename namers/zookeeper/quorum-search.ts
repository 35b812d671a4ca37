/** Looks for a server that has a quorum, while this client makes do with one that has not. */
import { once } from "node:events";
import type { Duplex } from "node:stream";
import { Backoff, sleep } from "linkspan/plugin";
import type { ZkServer } from "./connect-string.ts";
import { dialServer, type ServerTurn } from "./dial-server.ts";
import type { ZkProofs, ZkWorld } from "./session-state.ts";

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;
const ANSWER_MS = 1_000;
/** The answers are `rw`, `ro` and `null`, or a sentence that refuses the question. */
const MOST_BYTES = 4_096;

/** Asks round after round, each a while after the last; `undefined` when `signal` aborts. Never rejects. */
export async function findQuorum(
  servers: readonly ZkServer[],
  tls: ZkProofs["tls"],
  world: ZkWorld,
  signal: AbortSignal,
): Promise<ServerTurn | undefined> {
  const pauses = new Backoff(FIRST_PAUSE_MS, LONGEST_PAUSE_MS, world.random);
  for (let turn = 0; !signal.aborted; turn++) {
    await sleep(world.clock, pauses.next(), signal).catch(() => undefined);
    for (const server of servers) {
      const asked = { server, turn };
      if ((await answer(asked, tls, world, signal)) === "rw") return signal.aborted ? undefined : asked;
    }
  }
  return undefined;
}

/** What the server says of itself; "" where it says nothing in time. */
async function answer(asked: ServerTurn, tls: ZkProofs["tls"], world: ZkWorld, signal: AbortSignal): Promise<string> {
  const limit = new AbortController();
  const aborted = (): void => limit.abort(signal.reason);
  if (signal.aborted) aborted();
  signal.addEventListener("abort", aborted, { once: true });
  const timer = world.clock.timer(ANSWER_MS, () => limit.abort(new Error("no answer")));
  try {
    const socket = await dialServer(asked, { timeoutMs: ANSWER_MS, tls }, world, limit.signal);
    return await ask(socket, limit.signal);
  } catch {
    return "";
  } finally {
    timer[Symbol.dispose]();
    signal.removeEventListener("abort", aborted);
  }
}

async function ask(socket: Duplex, signal: AbortSignal): Promise<string> {
  let said = "";
  socket.on("error", () => undefined);
  socket.on("end", () => socket.destroy());
  socket.on("data", (bytes: Buffer) => {
    said += bytes.toString("latin1");
    if (said.length > MOST_BYTES) socket.destroy();
  });
  try {
    socket.write("isro");
    await once(socket, "close", { signal });
    return said.trim();
  } finally {
    socket.destroy();
  }
}
