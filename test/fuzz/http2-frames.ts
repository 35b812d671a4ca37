/** Makes sequences of HTTP/2 frames from chance: mostly right, often in the wrong place, and now and then broken. */
import type { Random } from "../../src/base/time.ts";
import {
  continuation,
  data,
  frame,
  goaway,
  headers,
  ping,
  priority,
  pushPromise,
  rst,
  settings,
  settingsAck,
  type Setting,
  windowUpdate,
} from "../fakes/h2-frames.ts";
import { block, type Field, indexed, literal, sizeUpdate } from "../fakes/h2-hpack.ts";
import { below, pick } from "./mutate.ts";

/** Whose frames are made. */
export type Role = "client" | "server";

const request: readonly Field[] = [
  [":method", "GET"],
  [":scheme", "http"],
  [":path", "/"],
  [":authority", "web"],
];
const heads: Readonly<Record<Role, readonly (readonly Field[])[]>> = {
  client: [
    request,
    [[":method", "POST"], ...request.slice(1)],
    [[":method", "HEAD"], ...request.slice(1)],
    [[":method", "POST"], ...request.slice(1), ["content-length", "5"]],
    [[":method", "CONNECT"], ["host", "web"], [":protocol", "websocket"], ...request.slice(1)],
    [...request, ["te", "trailers"], ["cookie", "a=1"], ["cookie", "b=2"]],
    [...request, ["expect", "100-continue"]],
  ],
  server: [
    [[":status", "200"]],
    [
      [":status", "200"],
      ["content-length", "5"],
    ],
    [[":status", "204"]],
    [
      [":status", "304"],
      ["content-length", "9"],
    ],
    [
      [":status", "103"],
      ["link", "</a>"],
    ],
    [[":status", "100"]],
    [
      [":status", "500"],
      ["x", "y"],
    ],
  ],
};
const odd: readonly Field[] = [
  ["X", "y"],
  ["connection", "close"],
  ["transfer-encoding", "chunked"],
  ["content-length", "3"],
  [":status", "200"],
  [":path", "/x"],
  ["host", "web"],
  ["x", "a\r\nb"],
  ["x", ""],
  ["", "x"],
  ["te", "gzip"],
  ["grpc-status", "0"],
  ["x-long", "z".repeat(3000)],
  ["cookie", ""],
];
const lengths = [0, 1, 5, 5, 100, 1000, 8000, 16_384];
const counts = [0, 1, 2, 100, 65_535, 65_536, 2 ** 31 - 1, 2 ** 31];
const mild: readonly Setting[] = [
  [1, 0],
  [1, 100],
  [1, 4096],
  [3, 2],
  [3, 100],
  [4, 0],
  [4, 1],
  [4, 100],
  [4, 65_535],
  [4, 1_000_000],
  [5, 16_384],
  [5, 100_000],
  [6, 10_000],
  [8, 1],
  [99, 7],
];

/** What a speaker remembers, so that most of what it says has a sense. */
class Talk {
  readonly random: Random;
  readonly role: Role;
  /** Streams that were opened, the latest last. */
  readonly ids: number[] = [];
  readonly #flowing = new Set<number>();
  readonly #ended = new Set<number>();
  constructor(random: Random, role: Role) {
    this.random = random;
    this.role = role;
    if (role === "server") this.ids.push(1, 3, 5, 7);
  }

  /** A stream that was opened, nearly always. */
  get some(): number {
    const { random, ids } = this;
    if (ids.length > 0 && random.next() < 0.99) return pick(random, ids.slice(-4));
    return pick(random, [0, 1, 2, 3, 4, 99, 2 ** 31 - 1]);
  }

  /** One for HEADERS: a client opens one each time, a server answers one, nearly. */
  get forHead(): number {
    const { random, ids, role } = this;
    if (random.next() < 0.15) return this.some;
    if (role === "server") return this.#nextOf(ids.filter((id) => !this.#flowing.has(id) && !this.#ended.has(id)));
    const id = (ids.at(-1) ?? -1) + pick(random, [2, 2, 2, 2, 4]);
    ids.push(id);
    return id;
  }

  /** One for DATA: whose head was said, and whose end was not, nearly. */
  get forData(): number {
    if (this.random.next() < 0.05) return this.some;
    return this.#nextOf([...this.#flowing]);
  }

  said(id: number, end: boolean): void {
    if (end) {
      this.#flowing.delete(id);
      this.#ended.add(id);
    } else if (!this.#ended.has(id)) this.#flowing.add(id);
  }

  #nextOf(ids: readonly number[]): number {
    return ids.length === 0 ? this.some : pick(this.random, ids);
  }
}

/** A block of fields, by all ways of HPACK. */
function fields(random: Random, role: Role): Buffer {
  const chosen =
    random.next() < 0.85 ? pick(random, heads[role]) : pick(random, [[["x-sum", "1"]], []] as (readonly Field[])[]);
  const all = random.next() < 0.06 ? [...chosen, pick(random, odd)] : chosen;
  const kind = (): "added" | "plain" | "never" => pick(random, ["added", "added", "plain", "never"]);
  const parts = all.map(([name, value]) => literal(name, value, kind(), random.next() < 0.5));
  const chance = random.next();
  if (chance < 0.03) parts.unshift(sizeUpdate(pick(random, [0, 100, 4096, 4096])));
  else if (chance < 0.07) parts.push(indexed(pick(random, [15, 19, 62, 63, 64, 65])));
  else if (chance < 0.08) parts.push(indexed(pick(random, [0, 2, 8, 70, 2 ** 14])));
  else if (chance < 0.09) parts.push(Buffer.from(Array.from({ length: below(random, 12) }, () => below(random, 256))));
  return Buffer.concat(parts);
}

function head(talk: Talk): Buffer[] {
  const { random, role } = talk;
  const on = talk.forHead;
  const whole = fields(random, role);
  const shape = {
    end: random.next() < (role === "server" ? 0.2 : 0.45),
    ...(random.next() < 0.1 ? { pad: below(random, 256) } : {}),
    ...(random.next() < 0.1 ? { dependsOn: below(random, 40) } : {}),
  };
  talk.said(on, shape.end);
  if (random.next() < 0.85) return [headers(on, whole, shape)];
  const cut = below(random, whole.length + 1);
  const rest = continuation(random.next() < 0.98 ? on : on + 2, whole.subarray(cut));
  const first = headers(on, whole.subarray(0, cut), { ...shape, whole: false });
  return random.next() < 0.98 ? [first, rest] : [first];
}

function said(random: Random): Buffer {
  const pairs = Array.from({ length: below(random, 4) }, () => pick(random, mild));
  if (random.next() < 0.03) pairs.push([below(random, 10), pick(random, counts)]);
  return settings(...pairs);
}

const harmless: readonly ((talk: Talk) => Buffer)[] = [
  ({ random }) => windowUpdate(0, 1 + below(random, 50_000)),
  (talk) => windowUpdate(talk.some, 1 + below(talk.random, 5000)),
  (talk) => rst(talk.some, below(talk.random, 16)),
  ({ random }) => ping(String(below(random, 1e8)).padStart(8, "0"), random.next() < 0.2),
  ({ random }) => said(random),
  (talk) => priority(talk.some, 1000),
  (talk) =>
    frame(10 + below(talk.random, 246), below(talk.random, 256), talk.some, Buffer.alloc(below(talk.random, 50))),
];

const harmful: readonly ((talk: Talk) => Buffer)[] = [
  (talk) => windowUpdate(talk.some, pick(talk.random, counts)),
  ({ random }) => windowUpdate(0, pick(random, counts)),
  ({ random }) => goaway(random.next() < 0.5 ? 2 ** 31 - 1 : below(random, 8), below(random, 14)),
  (talk) =>
    frame(
      below(talk.random, 10),
      below(talk.random, 256),
      talk.some,
      Buffer.alloc(pick(talk.random, [0, 1, 4, 5, 6, 8, 9, 20])),
    ),
  (talk) =>
    talk.role === "server" ? pushPromise(talk.some, 2, block(...request)) : data(talk.some, Buffer.alloc(16_385)),
];

function some(talk: Talk): Buffer[] {
  const { random } = talk;
  const chance = random.next();
  if (chance < 0.4) return head(talk);
  if (chance < 0.7) {
    const pad = random.next() < 0.1 ? { pad: below(random, 256) } : {};
    const on = talk.forData;
    const end = random.next() < 0.3;
    talk.said(on, end);
    return [data(on, Buffer.alloc(pick(random, lengths), 97), { end, ...pad })];
  }
  return [pick(random, chance < 0.985 ? harmless : harmful)(talk)];
}

/** The bytes of a whole conversation, cut as reads may bring them. */
export function conversation(random: Random, role: Role): Buffer[] {
  const talk = new Talk(random, role);
  const frames = [said(random), ...(random.next() < 0.9 ? [settingsAck()] : []), ...head(talk)];
  for (let left = below(random, 40); left > 0; left--) frames.push(...some(talk));
  let bytes: Buffer = Buffer.concat(frames);
  if (random.next() < 0.12) bytes = damaged(random, bytes);
  const out: Buffer[] = [];
  const longest = pick(random, [1, 9, 60, 4000, bytes.length + 1]);
  for (let at = 0; at < bytes.length;) {
    const count = 1 + below(random, longest);
    out.push(bytes.subarray(at, at + count));
    at += count;
  }
  return out.length > 3000 ? [bytes] : out;
}

function damaged(random: Random, bytes: Buffer): Buffer {
  const at = below(random, bytes.length);
  const how = below(random, 4);
  if (how === 0) bytes[at] = below(random, 256);
  if (how === 1) bytes[at] = (bytes[at] as number) ^ (1 << below(random, 8));
  if (how === 2) return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + below(random, 20))]);
  if (how === 3) return bytes.subarray(0, at);
  return bytes;
}
