/** The override file of a host: what it says of a shift's weights wins over everything, whatever cannot be asked. */
import { parseYaml } from "../config/parse-yaml.ts";
import type { Weights } from "./shift.ts";

/** By the name of the shift. */
export type Overrides = ReadonlyMap<string, Weights>;

const WORDS: Readonly<Record<string, Weights>> = {
  rollback: { from: 100, to: 0 },
  from: { from: 100, to: 0 },
  to: { from: 0, to: 100 },
};

/** Of a text such as `users: rollback` or `users: {from: 90, to: 10}`, a line a shift. Rejects with a sentence. */
export async function readOverrides(file: string, text: string): Promise<Overrides> {
  if (text.split("\n").every((line) => /^\s*(?:#|$)/.test(line))) return new Map();
  const { value: read } = await parseYaml(file, text);
  if (read === null || read === undefined) return new Map();
  if (typeof read !== "object" || Array.isArray(read)) throw new Error(`${file}: it is no mapping of shifts`);
  return new Map(Object.entries(read).map(([name, value]) => [name, weightsIn(name, value)]));
}

function weightsIn(name: string, value: unknown): Weights {
  const word = typeof value === "string" ? WORDS[value] : undefined;
  if (word !== undefined) return word;
  const { from, to } = (typeof value === "object" && value !== null ? value : {}) as Partial<
    Record<keyof Weights, unknown>
  >;
  const isNumber = (each: unknown): each is number => typeof each === "number" && each >= 0 && each <= 1e6;
  if (!isNumber(from) || !isNumber(to)) {
    throw new Error(`${name} is neither \`rollback\`, \`from\`, \`to\` nor {from: WEIGHT, to: WEIGHT}`);
  }
  if (from + to === 0) throw new Error(`both weights of ${name} are 0`);
  return { from, to };
}
