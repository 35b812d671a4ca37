/** Sends an answer that is too long to be made at once. */
import type { ServerResponse } from "node:http";
import type { Clock } from "../base/time.ts";
import { turn } from "../base/turn.ts";

/** Who takes nothing for so long is let go, and who takes so little that it lasts that long. */
const PATIENCE_MS = 30_000;
const LONGEST_MS = 300_000;

export interface SendingOptions {
  readonly type: string;
  readonly clock: Clock;
  /** Answers in its place when there is nothing to be sent. */
  readonly ifNone?: () => void;
}

/** Makes no more of it than the reader takes, and lets the event loop go round after each piece. */
export async function sendPieces(
  response: ServerResponse,
  pieces: AsyncIterable<string> | Iterable<string>,
  { type, clock, ifNone }: SendingOptions,
): Promise<void> {
  using _ = clock.timer(LONGEST_MS, () => response.destroy());
  for await (const piece of pieces) {
    if (response.destroyed) return;
    if (piece !== "") {
      if (!response.headersSent) response.writeHead(200, { "content-type": type });
      if (!response.write(piece)) await drained(response, clock);
    }
    await turn();
  }
  if (!response.headersSent && ifNone !== undefined) return ifNone();
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
