/** WebSocket messages there and back, each after the one before it. Arguments: port, seconds, connections. Prints JSON. */
import net from "node:net";
import type { Outcome } from "./outcome.ts";
import { quantile } from "./paced.ts";

const [port = 0, seconds = 1, connections = 1] = process.argv.slice(2).map(Number);
const SIZE = 100;
/** A text message under a mask of zeros. */
const MESSAGE = Buffer.concat([Buffer.from([0x81, 0x80 | SIZE, 0, 0, 0, 0]), Buffer.alloc(SIZE, "x")]);
const ANSWER_BYTES = 2 + SIZE;
const HANDSHAKE =
  "GET /echo HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

const latencies: number[] = [];
let failed = 0;
let isOver = false;

function open(): Promise<() => void> {
  const socket = net.connect({ port, host: "127.0.0.1", noDelay: true });
  let head = "";
  let isOpen = false;
  let got = 0;
  let sentAt = 0;
  const send = (): void => {
    sentAt = performance.now();
    socket.write(MESSAGE);
  };
  socket.on("error", () => socket.destroy());
  return new Promise((resolve) => {
    socket.on("close", () => {
      if (!isOver) failed++;
      resolve(() => undefined);
    });
    socket.on("connect", () => socket.write(HANDSHAKE));
    socket.on("data", (bytes: Buffer) => {
      if (!isOpen) {
        head += bytes.toString("latin1");
        isOpen = head.startsWith("HTTP/1.1 101") && head.includes("\r\n\r\n");
        if (isOpen) resolve(send);
        return;
      }
      got += bytes.length;
      if (got < ANSWER_BYTES) return;
      got -= ANSWER_BYTES;
      latencies.push(performance.now() - sentAt);
      if (!isOver) send();
    });
  });
}

const sends = await Promise.all(Array.from({ length: connections }, open));
const startedAt = performance.now();
for (const send of sends) send();
setTimeout(() => {
  isOver = true;
  const found: Outcome = {
    done: latencies.length,
    failed,
    seconds: (performance.now() - startedAt) / 1_000,
    p50Ms: quantile(
      latencies.sort((a, b) => a - b),
      0.5,
    ),
    p99Ms: quantile(latencies, 0.99),
  };
  process.stdout.write(JSON.stringify(found), () => process.exit(0));
}, seconds * 1_000);
