/** Opens connections, sends one request on each, says so, and holds them until its input ends. Arguments: port, how many. */
import net, { type Socket } from "node:net";

const [port = 0, wanted = 0] = process.argv.slice(2).map(Number);
const AT_ONCE = 50;
const WITHIN_MS = 10_000;
const sockets: Socket[] = [];
let begun = 0;
let failed = 0;

function openOne(): Promise<void> {
  return new Promise((resolve) => {
    const socket = net.connect({ port, host: "127.0.0.1" });
    const fail = (): void => {
      failed++;
      socket.destroy();
      resolve();
    };
    socket.once("error", fail);
    socket.setTimeout(WITHIN_MS, fail);
    socket.once("connect", () => socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    socket.once("data", (bytes: Buffer) => {
      if (!bytes.toString("latin1", 0, 12).endsWith("200")) return fail();
      socket.setTimeout(0);
      socket.off("error", fail);
      socket.on("error", () => socket.destroy());
      socket.resume();
      sockets.push(socket);
      resolve();
    });
  });
}

async function lane(): Promise<void> {
  while (begun < wanted) {
    begun++;
    await openOne();
  }
}

await Promise.all(Array.from({ length: AT_ONCE }, lane));
const open = sockets.filter((socket) => !socket.destroyed).length;
process.stdout.write(`${JSON.stringify({ open, failed })}\n`);
process.stdin.resume().on("end", () => process.exit(0));
