/** A thread's side of the main thread: what it is told, what it says, and how it outlives a defect. */
import { type MessagePort, parentPort } from "node:worker_threads";
import type { FromMain, ThreadError, ToMain } from "./protocol.ts";

/** The main thread, as seen from one that it started. */
export class Parent<Start> {
  readonly #port: MessagePort;

  private constructor(port: MessagePort) {
    this.#port = port;
  }

  /** Throws where there is no main thread. */
  static ofThisThread<Start>(): Parent<Start> {
    if (parentPort === null) throw new Error("this module is the entry of a thread");
    return new Parent(parentPort);
  }

  /** Call it once; until then messages wait. While it listens the thread lives. */
  listen(heard: (message: FromMain<Start>) => void): void {
    this.#port.on("message", heard);
  }

  say(message: ToMain): void {
    this.#port.postMessage(message, []);
  }

  readonly writeLog = (line: string): void => this.say({ type: "log", line });

  failed(error: unknown): void {
    this.say({ type: "failed", error: describeError(error) });
  }
}

/** A defect is told once, with its stack, and the thread lives on: the rest of it has nothing to do with that. */
export function surviveDefects(bug: (error: unknown) => void): void {
  process.on("uncaughtException", bug);
  process.on("unhandledRejection", bug);
}

export function describeError(error: unknown): ThreadError {
  if (!(error instanceof Error)) return { name: "Error", message: String(error) };
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  return {
    name: error.name,
    message: error.message,
    ...(code === undefined ? {} : { code }),
    ...(error.stack === undefined ? {} : { stack: error.stack }),
  };
}
