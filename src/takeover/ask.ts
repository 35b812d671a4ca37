/** Asks a running daemon to hand over. */
import type net from "node:net";
import { knock } from "./knock.ts";
import { JsonLines, type SuccessionNews, type SuccessionRequest } from "./messages.ts";

/** Nobody is behind any door. */
export class NobodyHome extends Error {
  override readonly name = "NobodyHome";
}

export interface AskOptions {
  /** The newest process last. */
  readonly doors: readonly string[];
  readonly request: SuccessionRequest;
  readonly started: (pid: number) => void;
}

/** Resolves with the process that serves now. Rejects with NobodyHome, or with what the daemon said. */
export async function askToHandOver({ doors, request, started }: AskOptions): Promise<number> {
  for (const door of doors.toReversed()) {
    const socket = await knock(door);
    if (socket !== undefined) return converse(socket, request, started);
  }
  throw new NobodyHome("no running daemon has the first server of this configuration");
}

function converse(socket: net.Socket, request: SuccessionRequest, started: (pid: number) => void): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const lines = new JsonLines((value) => {
    const news = value as SuccessionNews;
    if (news.type === "started") started(news.pid);
    else if (news.type === "ready") resolve(news.pid);
    else reject(new Error(news.cause));
  });
  socket.setEncoding("utf8").on("data", (text: string) => lines.feed(text));
  socket.on("error", reject);
  socket.on("close", () => reject(new Error("the running daemon ended before it handed over")));
  socket.write(`${JSON.stringify(request)}\n`);
  return promise.finally(() => socket.destroy());
}
