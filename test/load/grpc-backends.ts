/** Backends that do as the plans of their callers say. */
import { once } from "node:events";
import { createServer, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { type ServerDuplexStream, status } from "@grpc/grpc-js";
import { type GrpcBackend, startGrpcBackend } from "../fakes/grpc-peers.ts";
import { flawOf, FRAME, message, PLAN, type Plan } from "./grpc-plans.ts";

/** A backend that follows the plans of its callers, and writes down what was wrong with what it got. */
export async function startPlannedBackend(flaws: string[]): Promise<GrpcBackend> {
  return startGrpcBackend({
    chat: (call) => {
      const plan = JSON.parse(String(call.metadata.get(PLAN)[0])) as Plan;
      setTimeout(() => follow(call, plan, flaws), plan.latencyMs);
    },
  });
}

function follow(call: ServerDuplexStream<Buffer, Buffer>, plan: Plan, flaws: string[]): void {
  const { id, up, down, size, end } = plan;
  const stopAt = end === "error" ? Math.ceil(up / 2) : up;
  let got = 0;
  let sent = 0;
  const reply = (): void => {
    let takesMore = true;
    for (let copy = 0; copy < down; copy++) takesMore = call.write(message(id, sent++, size));
    if (takesMore) return;
    call.pause();
    call.once("drain", () => call.resume());
  };
  call.on("error", () => undefined);
  call.on("data", (bytes: Buffer) => {
    if (got >= stopAt && end !== "ok") return;
    const flaw = flawOf(bytes, id, got, size);
    if (flaw !== undefined) flaws.push(`call ${id}, at the backend: ${flaw}`);
    got++;
    reply();
    if (got < stopAt) return;
    if (end === "error") call.emit("error", { code: status.ABORTED, details: `as planned for ${id}` });
  });
  call.on("end", () => {
    if (end === "ok" && got !== up) flaws.push(`call ${id}, at the backend: ${got} of ${up} messages came`);
    call.end();
  });
}

/** A backend that gives back the first half of the bytes of each call, and then resets its stream, as a crash would. */
export async function startResettingBackend(): Promise<GrpcBackend> {
  const server = createServer();
  const sessions = new Set<ServerHttp2Session>();
  server.on("session", (session) => {
    sessions.add(session);
    session.on("close", () => sessions.delete(session));
  });
  server.on("stream", (stream: ServerHttp2Stream, headers) => {
    const { up, size } = JSON.parse(String(headers[PLAN])) as Plan;
    let left = Math.ceil((up * (size + FRAME)) / 2);
    stream.on("error", () => undefined);
    stream.respond({ ":status": 200, "content-type": "application/grpc" });
    stream.on("data", (bytes: Buffer) => {
      if (left <= 0) return;
      const part = bytes.subarray(0, left);
      left -= part.length;
      stream.write(part, () => {
        // A mere close would end the stream well before it is reset.
        if (left <= 0) stream.destroy(new Error("as planned"));
      });
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const cut = (): void => {
    server.close();
    for (const session of sessions) session.destroy();
  };
  return { port: (server.address() as AddressInfo).port, cut, [Symbol.asyncDispose]: async () => cut() };
}
