/** Changes bytes as an attacker, a bad cable, or a hasty programmer would. */
import type { Random } from "../../src/base/time.ts";

export const below = (random: Random, limit: number): number => Math.floor(random.next() * limit);

export function pick<T>(random: Random, from: readonly T[]): T {
  return from[below(random, from.length)] as T;
}

type Change = (text: string, random: Random, dictionary: readonly string[], others: readonly string[]) => string;

const changes: readonly Change[] = [
  function insertWord(text, random, dictionary) {
    const at = below(random, text.length + 1);
    return text.slice(0, at) + pick(random, dictionary) + text.slice(at);
  },
  function overwriteWord(text, random, dictionary) {
    const at = below(random, text.length + 1);
    const word = pick(random, dictionary);
    return text.slice(0, at) + word + text.slice(at + word.length);
  },
  function changeByte(text, random) {
    const at = below(random, text.length);
    return text.slice(0, at) + String.fromCharCode(below(random, 256)) + text.slice(at + 1);
  },
  function flipBit(text, random) {
    const at = below(random, text.length);
    const byte = (text.charCodeAt(at) ^ (1 << below(random, 8))) & 255;
    return text.slice(0, at) + String.fromCharCode(byte) + text.slice(at + 1);
  },
  function drop(text, random) {
    const at = below(random, text.length + 1);
    return text.slice(0, at) + text.slice(at + 1 + below(random, 8));
  },
  function repeat(text, random) {
    const at = below(random, text.length + 1);
    const part = text.slice(at, at + 1 + below(random, 24));
    return text.slice(0, at) + part.repeat(1 + below(random, 3)) + text.slice(at);
  },
  function swap(text, random) {
    const from = below(random, text.length + 1);
    const to = below(random, text.length + 1);
    const part = text.slice(from, from + below(random, 24));
    return text.slice(0, to) + part + text.slice(to + part.length);
  },
  function splice(text, random, _dictionary, others) {
    const other = pick(random, others);
    return text.slice(0, below(random, text.length + 1)) + other.slice(below(random, other.length + 1));
  },
  function cut(text, random) {
    return text.slice(0, below(random, text.length + 1));
  },
];

/** One of `seeds` with a few changes; now and then without any. */
export function mutated(random: Random, seeds: readonly string[], dictionary: readonly string[]): string {
  let text = pick(random, seeds);
  for (let left = below(random, 5); left > 0; left--) text = pick(random, changes)(text, random, dictionary, seeds);
  return text.slice(0, 64 * 1024);
}

/** `text` in pieces, as reads may bring it. */
export function pieces(random: Random, text: string): string[] {
  const out: string[] = [];
  const longest = pick(random, [1, 3, 20, 200, text.length + 1]);
  for (let at = 0; at < text.length;) {
    const count = 1 + below(random, longest);
    out.push(text.slice(at, at + count));
    at += count;
  }
  return out;
}
