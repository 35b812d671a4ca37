/** Frames that a server must not send, of every type: their sizes, streams, padding and order (RFC 9113 §4, §6). */
import { MALFORMED, play, RESET } from "../../fakes/h2-client-cases.ts";
import {
  continuation,
  data,
  F,
  frame,
  goaway,
  headers,
  ping,
  priority,
  pushPromise,
  rst,
  S,
  settings,
  settingsAck,
  T,
  uint32,
  windowUpdate,
} from "../../fakes/h2-frames.ts";
import { block } from "../../fakes/h2-hpack.ts";

const OK = block([":status", "200"]);
const LOST = [MALFORMED, RESET];
const PROTOCOL = "goaway PROTOCOL_ERROR";
const SIZE = "goaway FRAME_SIZE_ERROR";
const WHOLE = '200 "ok"';
const nothing = Buffer.alloc(0);

const broken = (name: string, bytes: Buffer, sees: string | readonly string[] = PROTOCOL) => ({
  name,
  play: (server: { raw(bytes: Buffer): void }) => server.raw(bytes),
  caller: LOST,
  sees,
});

const ignored = (name: string, ...frames: readonly Buffer[]) => ({
  name,
  play: (server: { send(...frames: readonly Buffer[]): void; respond(id: number): void }) => {
    server.send(...frames);
    server.respond(1);
  },
  caller: WHOLE,
  sees: "goes on",
});

play("begins in another way", [
  ...(
    [
      ["with HEADERS", headers(1, OK, { end: true }), PROTOCOL],
      ["with PING", ping(), PROTOCOL],
      ["with WINDOW_UPDATE", windowUpdate(0, 1), PROTOCOL],
      ["with an acknowledgement of SETTINGS", settingsAck(), PROTOCOL],
      ["with GOAWAY", goaway(0), [PROTOCOL, "closed"]],
      [
        "with an answer of HTTP/1",
        Buffer.from("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"),
        [PROTOCOL, SIZE],
      ],
    ] as const
  ).map(([name, bytes, sees]) => ({ ...broken(name, bytes, sees), says: undefined })),
  {
    name: "with bytes that are no frame, and the end",
    says: undefined,
    play: (server) => void server.socket.end("SSH-2.0-x\r\n"),
    caller: LOST,
    sees: [PROTOCOL, SIZE, "closed"],
  },
]);

play("sends frames of a wrong size", [
  broken("HEADERS over the largest frame", headers(1, Buffer.alloc(16_385), { end: true }), SIZE),
  broken("SETTINGS over the largest frame", frame(T.SETTINGS, 0, 0, Buffer.alloc(16_386)), SIZE),
  {
    name: "DATA over the largest frame",
    play: (server) => server.send(headers(1, OK), data(1, Buffer.alloc(16_385))),
    caller: [`200 broken ${MALFORMED}`, `200 broken ${RESET}`],
    sees: [SIZE, "rst FRAME_SIZE_ERROR"],
  },
  broken("an unknown frame over the largest frame", frame(77, 0, 0, Buffer.alloc(16_385)), [SIZE]),
  broken("a frame that claims 16 MiB", frame(T.DATA, 0, 1, nothing, { length: 2 ** 24 - 1 }), SIZE),
  broken("SETTINGS of 5 bytes", frame(T.SETTINGS, 0, 0, Buffer.alloc(5)), SIZE),
  broken("SETTINGS of 7 bytes", frame(T.SETTINGS, 0, 0, Buffer.alloc(7)), SIZE),
  broken("an acknowledgement of SETTINGS with a setting", frame(T.SETTINGS, F.ACK, 0, Buffer.alloc(6)), SIZE),
  broken("PING of 7 bytes", ping("1234567"), SIZE),
  broken("PING of 9 bytes", ping("123456789"), SIZE),
  broken("an answer to PING of no bytes", ping("", true), SIZE),
  broken("GOAWAY of 7 bytes", frame(T.GOAWAY, 0, 0, Buffer.alloc(7)), SIZE),
  broken("WINDOW_UPDATE of 3 bytes", frame(T.WINDOW_UPDATE, 0, 0, Buffer.alloc(3)), SIZE),
  broken("WINDOW_UPDATE of 5 bytes on a stream", frame(T.WINDOW_UPDATE, 0, 1, Buffer.alloc(5)), SIZE),
  broken("RST_STREAM of 3 bytes", frame(T.RST_STREAM, 0, 1, Buffer.alloc(3)), SIZE),
  broken("RST_STREAM of 5 bytes", frame(T.RST_STREAM, 0, 1, Buffer.alloc(5)), SIZE),
  broken("PRIORITY of 4 bytes", frame(T.PRIORITY, 0, 1, Buffer.alloc(4)), [SIZE, "rst FRAME_SIZE_ERROR"]),
  broken("HEADERS with the padded flag and no byte", frame(T.HEADERS, F.PADDED | F.END_HEADERS, 1), [SIZE, PROTOCOL]),
  broken("HEADERS with a priority of 4 bytes", frame(T.HEADERS, F.PRIORITY | F.END_HEADERS, 1, Buffer.alloc(4)), [
    SIZE,
    PROTOCOL,
  ]),
  {
    name: "DATA with the padded flag and no byte",
    play: (server) => server.send(headers(1, OK), frame(T.DATA, F.PADDED, 1)),
    caller: [`200 broken ${MALFORMED}`, `200 broken ${RESET}`],
    sees: [SIZE, PROTOCOL],
  },
  {
    name: "DATA of the largest size, which is right",
    play: (server) => server.send(headers(1, OK), data(1, "x".repeat(16_384), { end: true })),
    caller: `200 "${"x".repeat(16_384)}"`,
    sees: "goes on",
  },
]);

play("sends frames on a wrong stream", [
  broken("DATA on the connection", data(0, "x")),
  broken("HEADERS on the connection", headers(0, OK, { end: true })),
  broken("PRIORITY on the connection", priority(0)),
  broken("RST_STREAM on the connection", rst(0, "CANCEL")),
  broken("CONTINUATION on the connection", continuation(0, OK)),
  broken("SETTINGS on a stream", frame(T.SETTINGS, 0, 1)),
  broken("PING on a stream", frame(T.PING, 0, 1, Buffer.alloc(8))),
  broken("GOAWAY on a stream", frame(T.GOAWAY, 0, 1, Buffer.alloc(8))),
  broken("DATA on a stream that was not opened", data(3, "x")),
  broken("HEADERS on a stream that was not opened", headers(3, OK, { end: true })),
  broken("HEADERS on a stream of its own", headers(2, OK, { end: true })),
  broken("DATA on a stream of its own", data(2, "x")),
  broken("RST_STREAM on a stream that was not opened", rst(3, "CANCEL")),
  broken("RST_STREAM on a stream of its own", rst(2, "CANCEL")),
  broken("WINDOW_UPDATE on a stream that was not opened", windowUpdate(5, 1)),
  broken("WINDOW_UPDATE on a stream of its own", windowUpdate(2, 1)),
  broken(
    "PUSH_PROMISE, which SETTINGS forbid",
    pushPromise(1, 2, block([":method", "GET"], [":scheme", "http"], [":path", "/"], [":authority", "a"])),
  ),
  broken("PUSH_PROMISE on the connection", pushPromise(0, 2, OK)),
  broken("PUSH_PROMISE of a stream of ours", pushPromise(1, 3, OK)),
]);

play("sends more padding than there is", [
  broken(
    "in HEADERS, as long as the frame",
    frame(T.HEADERS, F.PADDED | F.END_HEADERS, 1, Buffer.concat([Buffer.of(OK.length + 1), OK])),
  ),
  broken(
    "in HEADERS, and a priority",
    frame(
      T.HEADERS,
      F.PADDED | F.PRIORITY | F.END_HEADERS,
      1,
      Buffer.concat([Buffer.of(2), uint32(0), Buffer.of(1), Buffer.of(0)]),
    ),
  ),
  {
    name: "in DATA, as long as the frame",
    play: (server) => server.send(headers(1, OK), frame(T.DATA, F.PADDED, 1, Buffer.of(4, 1, 2, 3))),
    caller: [`200 broken ${MALFORMED}`, `200 broken ${RESET}`],
    sees: PROTOCOL,
  },
  {
    name: "no: HEADERS and DATA with padding of 0 and of 255 are right",
    play: (server) => {
      server.send(headers(1, OK, { pad: 255, dependsOn: 0 }), data(1, "o", { pad: 0 }), data(1, "k", { pad: 255 }));
      server.send(data(1, "", { pad: 100, end: true }));
    },
    caller: WHOLE,
    sees: "goes on",
  },
]);

play("interrupts a block of fields", [
  broken("with CONTINUATION that continues nothing", continuation(1, OK)),
  {
    ...broken("with CONTINUATION behind a whole block", Buffer.concat([headers(1, OK), continuation(1, OK)])),
    caller: [`200 broken ${MALFORMED}`, `200 broken ${RESET}`],
  },
  ...(
    [
      ["CONTINUATION of another stream", continuation(3, OK)],
      ["DATA", data(1, "x")],
      ["HEADERS", headers(1, OK)],
      ["PING", ping()],
      ["SETTINGS", settings()],
      ["WINDOW_UPDATE", windowUpdate(0, 1)],
      ["PRIORITY", priority(1)],
      ["RST_STREAM of the stream", rst(1, "CANCEL")],
      ["GOAWAY", goaway(1)],
      ["a frame of an unknown type", frame(99, 0, 1)],
    ] as const
  ).map(([name, bytes]) => broken(`with ${name}`, Buffer.concat([headers(1, OK, { whole: false }), bytes]))),
  {
    name: "no: a block in pieces of one byte, and of none, is right",
    play: (server) => {
      const pieces = [...OK].map((byte) => continuation(1, Buffer.of(byte), false));
      server.send(
        headers(1, nothing, { whole: false }),
        ...pieces,
        continuation(1, nothing),
        data(1, "ok", { end: true }),
      );
    },
    caller: WHOLE,
    sees: "goes on",
  },
]);

play("sends what must be ignored", [
  ignored(
    "frames of unknown types",
    frame(10, 255, 0, Buffer.alloc(9)),
    frame(12, 0, 1),
    frame(255, 255, 7),
    frame(11, 1, 2),
  ),
  ignored("PRIORITY of open, idle and even streams", priority(1), priority(9, 1), priority(2), priority(1, 3)),
  ignored(
    "unknown flags",
    frame(T.PING, 0xfe, 0, Buffer.alloc(8)),
    frame(T.SETTINGS, 0xfe, 0),
    frame(T.WINDOW_UPDATE, 255, 0, uint32(1)),
  ),
  ignored(
    "reserved bits",
    frame(T.PING, F.ACK, 0, Buffer.alloc(8), { reserved: true }),
    frame(T.WINDOW_UPDATE, 0, 1, uint32(2 ** 31 + 1)),
  ),
  ignored("an answer to a PING that was not sent", ping("whatever", true)),
  ignored("unknown settings", settings([0xff, 1], [0, 0], [7, 7], [9, 2 ** 32 - 1])),
  ignored(
    "a setting that is said again and again",
    settings(...Array.from({ length: 50 }, () => [S.MAX_FRAME_SIZE, 20_000] as const)),
  ),
  {
    name: "flags of HEADERS and DATA that mean nothing",
    play: (server) => {
      server.send(
        frame(T.HEADERS, F.END_HEADERS | 0xd2, 1, OK),
        frame(T.DATA, 0xf6, 1, Buffer.from("ok")),
        data(1, "", { end: true }),
      );
    },
    caller: WHOLE,
    sees: "goes on",
  },
  {
    name: "a frame that comes byte by byte",
    play: async (server) => {
      const all = Buffer.concat([headers(1, OK, { pad: 3 }), data(1, "ok", { end: true, pad: 2 })]);
      for (const byte of all) {
        server.raw(Buffer.of(byte));
        await new Promise(setImmediate);
      }
      server.judge.sent(data(1, "ok", { end: true, pad: 2 }));
    },
    caller: WHOLE,
    sees: "goes on",
  },
]);
