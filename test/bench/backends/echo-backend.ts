/** A WebSocket backend: gives back each message of its callers, who mask by zeros. Argument: its port. */
import { createHash } from "node:crypto";
import net, { type Socket } from "node:net";

function granted(head: string): string {
  const key = /\r\nsec-websocket-key: *(\S+)/i.exec(head)?.[1] ?? "";
  const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
  const fields = `Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}`;
  return `HTTP/1.1 101 Switching Protocols\r\n${fields}\r\n\r\n`;
}

/** Messages are shorter than 126 bytes; frames are unmasked by leaving the mask out. */
function serve(socket: Socket): void {
  let got = Buffer.alloc(0);
  let isOpen = false;
  socket.on("error", () => socket.destroy());
  socket.on("data", (bytes: Buffer) => {
    got = got.length === 0 ? Buffer.from(bytes) : Buffer.concat([got, bytes]);
    if (!isOpen) {
      const end = got.indexOf("\r\n\r\n");
      if (end < 0) return;
      socket.write(granted(got.toString("latin1", 0, end)));
      got = got.subarray(end + 4);
      isOpen = true;
    }
    const answers: Buffer[] = [];
    while (got.length >= 2 && got.length >= 6 + ((got[1] as number) & 127)) {
      const length = (got[1] as number) & 127;
      answers.push(Buffer.from([got[0] as number, length]), got.subarray(6, 6 + length));
      got = got.subarray(6 + length);
    }
    if (answers.length > 0) socket.write(Buffer.concat(answers));
  });
}

net.createServer({ noDelay: true }, serve).listen(Number(process.argv[2]), "127.0.0.1");
