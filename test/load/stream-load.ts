/** Streams of gRPC that last for seconds, one begun after the other, so that many are under way at any time. */
import { gathered, type GrpcBackend, GrpcCaller, type Outcome, startGrpcBackend } from "../fakes/grpc-peers.ts";

/** What an answer has: so many messages, each with its number, one each `MESSAGE_EVERY_MS`. */
const MESSAGES = 50;
const MESSAGE_EVERY_MS = 50;
const BEGIN_EVERY_MS = 250;

/** The backend that sends them. */
export function startTalkingBackend(): Promise<GrpcBackend> {
  return startGrpcBackend({
    spread: (call) => {
      let sent = 0;
      const timer = setInterval(() => {
        call.write(Buffer.from([sent]));
        if (++sent < MESSAGES) return;
        clearInterval(timer);
        call.end();
      }, MESSAGE_EVERY_MS);
      call.on("cancelled", () => clearInterval(timer));
    },
  });
}

/** How a stream went; times are monotonic ms. */
export interface Talk {
  readonly startedAt: number;
  readonly endedAt: number;
  /** Why it is not whole; "" where every message came, in order and once, and then the status 0. */
  readonly flaw: string;
}

/**
 * A caller that was about to open a stream when the GOAWAY came refuses it itself, before anything of it is sent (RFC 9113
 * §6.8, §8.7): it opens that one on a new connection.
 */
export class StreamLoad implements Disposable {
  refused = 0;
  readonly #caller: GrpcCaller;
  readonly #talks: Promise<Talk>[] = [];
  readonly #timer: NodeJS.Timeout;

  /** Calls `service` at a server that passes its calls on to a talking backend. */
  constructor(port: number, service: string) {
    this.#caller = new GrpcCaller(port, service);
    this.#timer = setInterval(() => void this.#talks.push(this.#talk()), BEGIN_EVERY_MS);
  }

  async #talk(): Promise<Talk> {
    const startedAt = performance.now();
    let outcome = await this.#start();
    if (outcome.details.includes("NGHTTP2_REFUSED_STREAM") && outcome.messages.length === 0) {
      this.refused++;
      outcome = await this.#start();
    }
    return { startedAt, endedAt: performance.now(), flaw: flawOf(outcome) };
  }

  #start(): Promise<Outcome> {
    return gathered(this.#caller.startSpread(Buffer.from("talk")));
  }

  /** Begins no more; how all of them went. */
  async stop(): Promise<readonly Talk[]> {
    clearInterval(this.#timer);
    return Promise.all(this.#talks);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#caller[Symbol.dispose]();
  }
}

function flawOf({ code, details, messages }: Outcome): string {
  const isWhole = code === 0 && messages.length === MESSAGES && messages.every((message, at) => message[0] === at);
  return isWhole ? "" : `${code} ${details} after ${messages.length}`;
}

/** Those that are not whole. */
export const broken = (talks: readonly Talk[]): readonly Talk[] => talks.filter(({ flaw }) => flaw !== "");
