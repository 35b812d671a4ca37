/** Sends an answer that is too long to be made at once. */
import type { ServerResponse } from "node:http";
import type { Clock } from "../base/time.ts";
import { turn } from "../base/turn.ts";

/** Who takes nothing for so long is let go. */
const PATIENCE_MS = 30_000;

/** Makes no more of it than the reader takes, and lets the event loop go round after each piece. */
export async function sendPieces(
  response: ServerResponse,
  pieces: AsyncIterable<string> | Iterable<string>,
  type: string,
  clock: Clock,
): Promise<void> {
  response.writeHead(200, { "content-type": type });
  for await (const piece of pieces) {
    if (response.destroyed) return;
    if (!response.write(piece)) await drained(response, clock);
    await turn();
  }
  response.end();
}

function drained(response: ServerResponse, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const late = clock.timer(PATIENCE_MS, () => response.destroy());
    const done = (): void => {
      late[Symbol.dispose]();
      response.off("drain", done).off("close", done);
      resolve();
    };
    response.once("drain", done).once("close", done);
  });
}
