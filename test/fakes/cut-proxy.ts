/** A TCP proxy in front of a server, with the verbs of trouble: cut, mend, reset, stall, resume, slow. */
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import type { NamerFixture } from "../../src/testing/namer-contract.ts";
import { freePort } from "../servers/free-port.ts";

const TICK_MS = 50;

type ProxyVerbs = Required<Pick<NamerFixture, "down" | "up" | "stall" | "resume" | "reset" | "slow" | "connections">>;

/** Stays at one port for its whole life, so that who lost it finds it again. */
export class CutProxy implements AsyncDisposable {
  readonly #target: number;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #server: Server | undefined;
  #port = 0;
  #isStalled = false;
  readonly #trickle = new Trickle();

  private constructor(target: number) {
    this.#target = target;
  }

  /** `target` is a port on 127.0.0.1. */
  static async before(target: number): Promise<CutProxy> {
    const proxy = new CutProxy(target);
    await proxy.mend();
    return proxy;
  }

  get port(): number {
    return this.#port;
  }

  /** What a fixture of the contract of namers has of it. */
  get verbs(): ProxyVerbs {
    return {
      down: () => this.cut(),
      up: () => this.mend(),
      stall: () => this.stall(),
      resume: () => this.resume(),
      reset: () => this.reset(),
      slow: (bytesPerSecond) => this.slow(bytesPerSecond),
      connections: () => this.connections,
    };
  }

  /** How many connections are open. */
  get connections(): number {
    return this.#pairs.size;
  }

  /** Refuses connections, and resets those that are there. */
  async cut(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    const closed = once(server, "close");
    server.close();
    this.reset();
    await closed;
  }

  async mend(): Promise<void> {
    if (this.#server) return;
    // One that no caller is given while it is down.
    if (this.#port === 0) this.#port = await freePort();
    const server = createServer((socket) => this.#join(socket));
    server.listen(this.#port, "127.0.0.1");
    await once(server, "listening");
    this.#server = server;
  }

  /** Resets what is there, and takes new connections at once. */
  reset(): void {
    for (const pair of this.#pairs) pair.forEach(breakOff);
    this.#pairs.clear();
  }

  /** Connections are taken and kept, and nothing moves on them: a frozen host. */
  stall(): void {
    this.#isStalled = true;
    for (const pair of this.#pairs) pair.forEach((socket) => socket.pause());
  }

  resume(): void {
    this.#isStalled = false;
    for (const pair of this.#pairs) pair.forEach((socket) => socket.resume());
  }

  /** Answers come as a trickle of so many bytes a second, over all connections; `undefined` ends that. */
  slow(bytesPerSecond: number | undefined): void {
    this.#trickle.set(bytesPerSecond);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#trickle.set(undefined);
    await this.cut();
  }

  #join(near: Socket): void {
    const far = connect(this.#target, "127.0.0.1");
    const pair = [near, far] as const;
    this.#pairs.add(pair);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.setNoDelay(true);
      if (from === far) from.on("data", (bytes: Buffer) => this.#trickle.pass(bytes, to));
      else from.on("data", (bytes) => void to.write(bytes));
      from.on("error", () => undefined);
      from.on("end", () => {
        if (from !== far || !this.#trickle.holds(to)) to.end();
      });
      from.on("close", () => {
        // What a server said before it closed is still on its way.
        if (from !== far || !this.#trickle.endAfter(to)) to.destroy();
        this.#pairs.delete(pair);
      });
      if (this.#isStalled) from.pause();
    }
  }
}

/** Lets bytes through in their order: at once, or as many a second as are allowed. */
class Trickle {
  readonly #waiting: { readonly bytes: Buffer; readonly to: Socket }[] = [];
  /** These end when nothing waits for them any more. */
  readonly #ending = new Set<Socket>();
  #perSecond: number | undefined;
  #timer: NodeJS.Timeout | undefined;

  set(bytesPerSecond: number | undefined): void {
    this.#perSecond = bytesPerSecond;
    clearInterval(this.#timer);
    this.#timer = undefined;
    if (bytesPerSecond !== undefined) this.#timer = setInterval(() => this.#drip(), TICK_MS);
    else {
      for (const { bytes, to } of this.#waiting.splice(0)) to.write(bytes);
      for (const to of this.#ending) to.end();
      this.#ending.clear();
    }
  }

  holds(to: Socket): boolean {
    return this.#waiting.some((each) => each.to === to);
  }

  /** Whether something waits for `to`, which then ends when that is through. */
  endAfter(to: Socket): boolean {
    const holds = this.holds(to);
    if (holds) this.#ending.add(to);
    return holds;
  }

  pass(bytes: Buffer, to: Socket): void {
    if (this.#perSecond === undefined) to.write(bytes);
    else this.#waiting.push({ bytes, to });
  }

  #drip(): void {
    let left = Math.max(1, Math.round(((this.#perSecond ?? 0) * TICK_MS) / 1_000));
    for (let first = this.#waiting[0]; first !== undefined && left > 0; first = this.#waiting[0]) {
      const part = first.bytes.subarray(0, left);
      if (!first.to.destroyed) first.to.write(part);
      left -= part.length;
      this.#waiting.shift();
      if (part.length < first.bytes.length) {
        this.#waiting.unshift({ bytes: first.bytes.subarray(part.length), to: first.to });
      }
      if (this.#ending.has(first.to) && !this.holds(first.to)) {
        this.#ending.delete(first.to);
        first.to.end();
      }
    }
  }
}

/** A socket that has said its end cannot be reset any more: its handle would stay open for ever. */
function breakOff(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
