/** What tests of header blocks need: a sink, an exchange, blocks from hex, and Huffman's code the other way round. */
import { type BodySource, noBody } from "../../src/http/body.ts";
import { Exchange, Layout } from "../../src/http/exchange.ts";
import type { Headers } from "../../src/http/headers.ts";
import { FieldList } from "../../src/http2/field-list.ts";
import type { FieldSink, HpackDecoder } from "../../src/http2/hpack-decoder.ts";
import { HpackEncoder } from "../../src/http2/hpack-encoder.ts";

export type Field = readonly [name: string, value: string];

/** Writes down what it is given. */
export class Collected implements FieldSink {
  readonly fields: [string, string][] = [];
  field(name: string, value: string): void {
    this.fields.push([name, value]);
  }
  get lines(): string[] {
    return this.fields.map(([name, value]) => `${name}: ${value}`);
  }
}

export const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ""), "hex");

/** The lines of a block, or the error that it is. */
export function decoded(decoder: HpackDecoder, block: Buffer): string[] | "compression" | "too-large" {
  const sink = new Collected();
  // The block stands within other bytes, as it does in a read from a socket.
  const around = Buffer.concat([Buffer.from([0xff, 0x81]), block, Buffer.from([0x82, 0x82])]);
  return decoder.decode(around, 2, 2 + block.length, sink) ?? sink.lines;
}

export function encoded(encoder: HpackEncoder, fields: Iterable<Field>): Buffer {
  const list = [...fields];
  const bound = list.reduce((sum, [name, value]) => sum + HpackEncoder.bound(name, value), HpackEncoder.beginBound);
  const out = Buffer.alloc(bound + 3, 0xee);
  let at = encoder.begin(out, 3);
  for (const [name, value] of list) at = encoder.field(name, value, out, at);
  if (at > out.length) throw new Error(`the bound is ${bound}, and ${at - 3} bytes were written`);
  return out.subarray(3, at);
}

/** One whose heads are lists of HTTP/2. */
export function http2Exchange(body: number = 0): Exchange {
  const x = new Exchange(
    { version: 20, method: "", target: "", headers: new FieldList() },
    { version: 20, status: 0, reason: "", headers: new FieldList() },
    new Layout(),
  );
  x.requestBody = bodyOf(body);
  x.responseBody = bodyOf(body);
  return x;
}

/** A body of that length, which gives nothing. */
export const bodyOf = (length: number): BodySource => ({ ...noBody, length });

/** Every live field. */
export function live(headers: Headers): string[] {
  const lines: string[] = [];
  for (let at = 0; at < headers.size; at++) {
    if (!headers.dropped(at)) lines.push(`${headers.name(at)}: ${headers.value(at)}`);
  }
  return lines;
}

/** RFC 7541 appendix B, by the length of the codes; within one length they ascend with the symbols. */
const byLength: readonly (readonly [number, string])[] = [
  [5, "48 49 50 97 99 101 105 111 115 116"],
  [6, "32 37 45-47 51-57 61 65 95 98 100 102-104 108-110 112 114 117"],
  [7, "58 66-87 89 106 107 113 118-122"],
  [8, "38 42 44 59 88 90"],
  [10, "33 34 40 41 63"],
  [11, "39 43 124"],
  [12, "35 62"],
  [13, "0 36 64 91 93 126"],
  [14, "94 125"],
  [15, "60 96 123"],
  [19, "92 195 208"],
  [20, "128 130 131 162 184 194 224 226"],
  [21, "153 161 167 172 176 177 179 209 216 217 227 229 230"],
  [22, "129 132-134 136 146 154 156 160 163 164 169 170 173 178 181 185-187 189 190 196 198 228 232 233"],
  [23, "1 135 137-141 143 147 149-152 155 157 158 165 166 168 174 175 180 182 183 188 191 197 231 239"],
  [24, "9 142 144 145 148 159 171 206 215 225 236 237"],
  [25, "199 207 234 235"],
  [26, "192 193 200-202 205 210 213 218 219 238 240 242 243 255"],
  [27, "203 204 211 212 214 221-223 241 244-248 250-254"],
  [28, "2-8 11 12 14-21 23-31 127 220 249"],
  [30, "10 13 22 256"],
];

/** The code of each byte, and of the end of a string (256), in binary. */
export const huffmanCodes: readonly string[] = codes();

function codes(): string[] {
  const out: string[] = [];
  let code = 0;
  let length = 5;
  for (const [next, symbols] of byLength) {
    code *= 2 ** (next - length);
    length = next;
    for (const range of symbols.split(" ")) {
      const [from = 0, to = from] = range.split("-").map(Number);
      for (let symbol = from; symbol <= to; symbol++) out[symbol] = (code++).toString(2).padStart(length, "0");
    }
  }
  return out;
}

/** `bits`, filled up with ones, as bytes. */
export function bitsToBytes(bits: string): Buffer {
  const bytes: number[] = [];
  for (let at = 0; at < bits.length; at += 8) bytes.push(Number.parseInt(bits.slice(at, at + 8).padEnd(8, "1"), 2));
  return Buffer.from(bytes);
}

export const huffman = (text: string): Buffer =>
  bitsToBytes([...Buffer.from(text, "latin1")].map((byte) => huffmanCodes[byte]).join(""));
