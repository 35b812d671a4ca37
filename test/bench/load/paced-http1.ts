/** HTTP/1 requests of a fixed rate, on connections that are kept. One that finds none idle waits, and its time runs. */
import type { Socket } from "node:net";
import type { PacedClient } from "./paced-main.ts";

type Told = (sentAt: number, isOk: boolean) => void;

const REQUEST = Buffer.from("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
const HEAD_END = Buffer.from("\r\n\r\n");

interface Connection {
  readonly socket: Socket;
  sentAt: number;
  got: Buffer | undefined;
}

export class PacedHttp1 implements PacedClient {
  readonly #dial: () => Promise<Socket>;
  readonly #told: Told;
  readonly #idle: Connection[] = [];
  /** When those began that wait for a connection, and how many of them have got one. */
  readonly #waiting: number[] = [];
  #begun = 0;

  constructor(dial: () => Promise<Socket>, told: Told) {
    this.#dial = dial;
    this.#told = told;
  }

  async open(connections: number): Promise<void> {
    for (let at = 0; at < connections; at++) this.#idle.push(await this.#connect());
  }

  send(): void {
    const connection = this.#idle.pop();
    if (connection) this.#ask(connection, performance.now());
    else this.#waiting.push(performance.now());
  }

  async #connect(): Promise<Connection> {
    const socket = await this.#dial();
    const connection: Connection = { socket, sentAt: 0, got: undefined };
    socket.on("data", (bytes: Buffer) => this.#received(connection, bytes));
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#closed(connection));
    return connection;
  }

  #ask(connection: Connection, sentAt: number): void {
    connection.sentAt = sentAt;
    connection.socket.write(REQUEST);
  }

  #closed(connection: Connection): void {
    const at = this.#idle.indexOf(connection);
    if (at >= 0) this.#idle.splice(at, 1);
    else this.#told(connection.sentAt, false);
  }

  #received(connection: Connection, bytes: Buffer): void {
    const got = connection.got ? Buffer.concat([connection.got, bytes]) : bytes;
    const headEnd = got.indexOf(HEAD_END);
    const head = headEnd < 0 ? "" : got.toString("latin1", 0, headEnd);
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? Number.NaN);
    if (headEnd < 0 || !(got.length >= headEnd + 4 + length)) {
      connection.got = got;
      return;
    }
    connection.got = undefined;
    this.#told(connection.sentAt, head.startsWith("HTTP/1.1 200"));
    const next = this.#waiting[this.#begun];
    if (next === undefined) return void this.#idle.push(connection);
    this.#begun++;
    this.#ask(connection, next);
  }
}
