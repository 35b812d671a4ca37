/** Laws of the HTTP/1 parsers: no input throws, and how it is split changes nothing of what is read. */
import type { Random } from "../../src/base/time.ts";
import { BodyReader } from "../../src/http1/body-reader.ts";
import { DownstreamInput } from "../../src/http1/downstream-input.ts";
import { CHUNKED } from "../../src/http1/framing.ts";
import { HeadIntake } from "../../src/http1/head-intake.ts";
import { defaultHeadLimits } from "../../src/http1/limits.ts";
import { RequestHeadReader } from "../../src/http1/request-head.ts";
import { ResponseHeadReader } from "../../src/http1/response-head.ts";
import { requestHeadText } from "../../src/http1/writer.ts";
import { CollectingSink } from "../fakes/collecting-sink.ts";
import { FakeSocket } from "../fakes/fake-socket.ts";
import { readCutRequests } from "../fakes/strict-reader.ts";
import { pieces } from "./mutate.ts";
import { Finding } from "./runner.ts";

/** What was read: "" for an input that is not whole, "!" for one that is refused. */
type Outcome = string;

function readRequest(parts: readonly string[]): Outcome {
  const input = new DownstreamInput(new FakeSocket());
  const head = new RequestHeadReader({ ...defaultHeadLimits, connect: true });
  const intake = new HeadIntake(head, defaultHeadLimits);
  for (const part of parts) {
    input.push(Buffer.from(part, "latin1"));
    const came = intake.take(input);
    if (typeof came === "string") return "!";
    if (!came) continue;
    const { method, target, version, headers, length, keepAlive, upgrade } = head;
    const request = { method, target, version, headers };
    return JSON.stringify([length, keepAlive, upgrade, requestHeadText(request, length, "")]);
  }
  return "";
}

function readAnswer(parts: readonly string[]): Outcome {
  const head = new ResponseHeadReader(defaultHeadLimits);
  head.begin("GET", "websocket", "");
  let bytes: Buffer = Buffer.alloc(0);
  for (const part of parts) {
    bytes = Buffer.concat([bytes, Buffer.from(part, "latin1")]);
    const came = head.next(bytes, 0);
    if (typeof came === "string") return "!";
    if (came >= 0) return JSON.stringify([came, head.status, head.length, head.keepAlive, head.headers.lines()]);
  }
  return "";
}

function readChunks(parts: readonly string[]): Outcome {
  const sink = new CollectingSink();
  const reader = new BodyReader({ wanted: () => undefined }, defaultHeadLimits);
  reader.open(CHUNKED);
  reader.pipe(sink);
  let used = 0;
  for (const part of parts) {
    const bytes = Buffer.from(part, "latin1");
    used += reader.feed(bytes, 0, bytes.length);
    if (reader.flaw) return "!";
    if (reader.done) return JSON.stringify([used, sink.text, sink.trailers?.get("x-t")]);
  }
  return `…${sink.text}`;
}

/** Both may differ in when they refuse: a whole head may be refused for its size where its beginning was fine. */
function agree(law: string, read: (parts: readonly string[]) => Outcome, text: string, random: Random): Outcome {
  const whole = read([text]);
  const parts = pieces(random, text);
  const split = read(parts);
  if (whole !== split) throw new Finding(`${law}: ${whole} whole, ${split} in pieces`, parts);
  return whole;
}

const isRead = (outcome: Outcome): boolean => outcome.startsWith("[");

/** Returns whether the text was a head that is taken. */
export function checkRequestHead(text: string, random: Random): boolean {
  const outcome = agree("a request's head", readRequest, text, random);
  if (!isRead(outcome)) return false;
  const [, , , head] = JSON.parse(outcome) as [number, boolean, string, string];
  try {
    readCutRequests(head);
  } catch (error) {
    throw new Finding("what is written of a request is not canonical", [text, head], error);
  }
  return true;
}

export const checkAnswerHead = (text: string, random: Random): boolean =>
  isRead(agree("an answer's head", readAnswer, text, random));

export const checkChunks = (text: string, random: Random): boolean =>
  isRead(agree("a chunked body", readChunks, text, random));
