/**
 * Calls of many shapes at a bounded concurrency, drawn from a seed: sizes, latencies, errors, resets and cancels, 1 to
 * 10,000 messages a stream. Every message says which it is, so that one that is lost, doubled or out of order is seen.
 */
import { once } from "node:events";
import { createServer, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { type ClientDuplexStream, Metadata, type ServerDuplexStream, status } from "@grpc/grpc-js";
import type { GrpcBackend, GrpcCaller } from "../fakes/grpc-peers.ts";
import { startGrpcBackend } from "../fakes/grpc-peers.ts";

/** What one call does; the backend is told in metadata. */
export interface Plan {
  readonly id: number;
  /** Messages that the caller sends, and that the backend sends back for each. */
  readonly up: number;
  readonly down: number;
  readonly size: number;
  /** The backend's wait before its first message, ms. */
  readonly latencyMs: number;
  /** How the call ends; "reset": the backend breaks its stream off half way, "cancel": the caller leaves then. */
  readonly end: "ok" | "error" | "reset" | "cancel";
  /** Each message waits for the one before it to come back. */
  readonly inTurn: boolean;
}

const HEADER = 8;
/** What gRPC puts before each message. */
const FRAME = 5;
const PLAN = "x-plan";

/** Draws plans; the same seed draws the same. */
export function plans(random: () => number): () => Plan {
  let id = 0;
  const one = <T>(...of: readonly T[]): T => of[Math.floor(random() * of.length)] as T;
  return () => {
    id++;
    const kind = random();
    const up = kind < 0.6 ? 1 : kind < 0.9 ? 1 + Math.floor(random() * 100) : kind < 0.99 ? 1_000 : 10_000;
    const size = up > 100 ? HEADER + Math.floor(random() * 100) : HEADER + Math.floor(10 ** (random() * 5));
    const end = random();
    const isReset = end >= 0.91 && end < 0.95;
    return {
      id,
      up,
      // Who resets gives back bytes, and knows of no messages.
      down: up > 100 || isReset ? 1 : one(1, 1, 2, 5),
      size,
      latencyMs: one(0, 0, 0, 1, 10, 50),
      end: end < 0.85 ? "ok" : end < 0.91 ? "error" : end < 0.95 ? "reset" : "cancel",
      inTurn: up <= 100 && random() < 0.3,
    };
  };
}

function message(id: number, sequence: number, size: number): Buffer {
  const bytes = Buffer.alloc(size, sequence & 0xff);
  bytes.writeUInt32BE(id, 0);
  bytes.writeUInt32BE(sequence, 4);
  return bytes;
}

/** Says what is wrong with a message that should be that one; undefined if nothing is. */
function flawOf(bytes: Buffer, id: number, sequence: number, size: number): string | undefined {
  if (bytes.length !== size) return `message ${sequence} has ${bytes.length} bytes, not ${size}`;
  if (bytes.readUInt32BE(0) !== id) return `message ${sequence} is of call ${bytes.readUInt32BE(0)}`;
  if (bytes.readUInt32BE(4) !== sequence) return `message ${bytes.readUInt32BE(4)} came in the place of ${sequence}`;
  return bytes.subarray(HEADER).every((byte) => byte === (sequence & 0xff))
    ? undefined
    : `message ${sequence} is garbled`;
}

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

export interface LoadReport {
  calls: number;
  messages: number;
  readonly byEnd: Record<Plan["end"], number>;
  readonly flaws: readonly string[];
  readonly latenciesMs: number[];
}

/** Two services through the same router, called over a connection of their own each. */
export interface CallerPair {
  readonly echo: GrpcCaller;
  readonly resetting: GrpcCaller;
}

export interface GrpcLoadOptions {
  readonly callers: readonly CallerPair[];
  readonly plan: () => Plan;
  readonly concurrency: number;
  readonly forMs: number;
  /** A call that takes longer has stalled. */
  readonly stallMs: number;
  /** What the backends found wrong. */
  readonly flaws: string[];
}

/** Runs calls for so long, then waits for those under way. */
export async function grpcLoad({
  callers,
  plan,
  concurrency,
  forMs,
  stallMs,
  flaws,
}: GrpcLoadOptions): Promise<LoadReport> {
  const byEnd = { ok: 0, error: 0, reset: 0, cancel: 0 };
  const report: LoadReport = { calls: 0, messages: 0, byEnd, flaws, latenciesMs: [] };
  const until = performance.now() + forMs;
  const lane = async ({ echo, resetting }: CallerPair): Promise<void> => {
    while (performance.now() < until) {
      const next = plan();
      const startedAt = performance.now();
      const found = await new PlannedCall(next.end === "reset" ? resetting : echo, next, stallMs).done;
      report.calls++;
      report.messages += found.messages;
      byEnd[next.end]++;
      report.latenciesMs.push(performance.now() - startedAt);
      flaws.push(...found.flaws.map((flaw) => `call ${next.id} (${JSON.stringify(next)}), at the caller: ${flaw}`));
    }
  };
  const lanes = Array.from({ length: concurrency }, (_, at) => lane(callers[at % callers.length] as CallerPair));
  await Promise.all(lanes);
  return report;
}

interface Found {
  readonly messages: number;
  readonly flaws: readonly string[];
}

/** One call, from its caller's side. */
class PlannedCall {
  readonly done: Promise<Found>;
  readonly #plan: Plan;
  readonly #call: ClientDuplexStream<Buffer, Buffer>;
  readonly #flaws: string[] = [];
  #sent = 0;
  #got = 0;
  #hasLeft = false;

  constructor(caller: GrpcCaller, plan: Plan, stallMs: number) {
    this.#plan = plan;
    const metadata = new Metadata();
    metadata.set(PLAN, JSON.stringify(plan));
    this.#call = caller.startChat({ metadata });
    const { promise, resolve } = Promise.withResolvers<Found>();
    this.done = promise;
    const stalled = setTimeout(() => {
      this.#flaws.push(`stalled with ${this.#sent} sent and ${this.#got} back`);
      this.#call.cancel();
    }, stallMs);
    this.#call.on("data", (bytes: Buffer) => this.#received(bytes));
    this.#call.on("error", () => undefined);
    this.#call.on("status", ({ code, details }) => {
      clearTimeout(stalled);
      this.#ended(code, details);
      resolve({ messages: this.#got, flaws: this.#flaws });
    });
    this.#send();
  }

  /** Sends what may be sent now. */
  #send(): void {
    const { id, up, size, inTurn, down } = this.#plan;
    while (this.#sent < up) {
      if (inTurn && this.#got < this.#sent * down) return;
      if (!this.#call.write(message(id, this.#sent++, size)) && !inTurn) {
        return void this.#call.once("drain", () => this.#send());
      }
    }
    this.#call.end();
  }

  #received(bytes: Buffer): void {
    const { id, size, inTurn, end, up, down } = this.#plan;
    const flaw = flawOf(bytes, id, this.#got, size);
    if (flaw !== undefined) this.#flaws.push(flaw);
    this.#got++;
    if (end === "cancel" && !this.#hasLeft && this.#got >= (up * down) / 2) {
      this.#hasLeft = true;
      this.#call.cancel();
    } else if (inTurn && this.#got === this.#sent * down) this.#send();
  }

  #ended(code: status, details: string): void {
    const { end, up, down, id } = this.#plan;
    if (end === "ok") {
      if (code !== status.OK) this.#flaws.push(`ended with ${code} ${details}`);
      if (this.#got !== up * down) this.#flaws.push(`${this.#got} of ${up * down} messages came back`);
    } else if (end === "error") {
      if (code !== status.ABORTED || details !== `as planned for ${id}`)
        this.#flaws.push(`ended with ${code} ${details}`);
      if (this.#got !== Math.ceil(up / 2) * down) this.#flaws.push(`${this.#got} messages came before the error`);
    } else if (end === "reset") {
      if (code !== status.UNAVAILABLE) this.#flaws.push(`was reset, and ended with ${code} ${details}`);
      if (this.#got > Math.ceil(up / 2)) this.#flaws.push(`${this.#got} messages came before the reset`);
    } else if (end === "cancel" && code !== status.CANCELLED && code !== status.OK) {
      this.#flaws.push(`left, and ended with ${code} ${details}`);
    }
  }
}
