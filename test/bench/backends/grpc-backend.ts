/** A gRPC backend that costs next to nothing: the same message and status for every call. Argument: its port. */
import net, { type Socket } from "node:net";
import {
  ACK,
  block,
  DATA,
  END_HEADERS,
  END_STREAM,
  frame,
  FrameReader,
  HEADERS,
  PING,
  PREFACE,
  SETTINGS,
  SETTINGS_ACKED,
  SETTINGS_SENT,
  windowUpdate,
} from "../load/h2-wire.ts";

const STATUS_200 = Buffer.from([0x88]);
const head = Buffer.concat([STATUS_200, block(["content-type", "application/grpc"])]);
const trailers = block(["grpc-status", "0"]);
const message = Buffer.concat([Buffer.from([0, 0, 0, 0, 100]), Buffer.alloc(100, 1)]);
const ANSWER = Buffer.concat([
  frame(HEADERS, END_HEADERS, 0, head),
  frame(DATA, 0, 0, message),
  frame(HEADERS, END_HEADERS | END_STREAM, 0, trailers),
]);
/** Where the stream's number stands in each of the frames. */
const PLACES = [5, 9 + head.length + 5, 9 + head.length + 9 + message.length + 5] as const;

function answerFor(id: number): Buffer {
  const bytes = Buffer.from(ANSWER);
  for (const place of PLACES) bytes.writeUInt32BE(id, place);
  return bytes;
}

function serve(socket: Socket): void {
  let answers: Buffer[] = [];
  let owed = 0;
  const reader = new FrameReader((type, flags, id, payload) => {
    if (type === SETTINGS && (flags & ACK) === 0) answers.push(SETTINGS_ACKED);
    else if (type === PING && (flags & ACK) === 0) answers.push(frame(PING, ACK, 0, payload));
    else if (type === DATA) owed += payload.length;
    if ((type === HEADERS || type === DATA) && (flags & END_STREAM) !== 0) answers.push(answerFor(id));
  });
  let preface = PREFACE.length;
  socket.on("error", () => socket.destroy());
  socket.on("data", (bytes: Buffer) => {
    const skipped = Math.min(preface, bytes.length);
    preface -= skipped;
    reader.read(skipped === 0 ? bytes : bytes.subarray(skipped));
    if (owed > 2 ** 20) {
      answers.push(windowUpdate(0, owed));
      owed = 0;
    }
    if (answers.length > 0) socket.write(Buffer.concat(answers));
    answers = [];
  });
  socket.write(Buffer.concat([SETTINGS_SENT, windowUpdate(0, 2 ** 30)]));
}

net.createServer({ noDelay: true }, serve).listen(Number(process.argv[2]), "127.0.0.1");
