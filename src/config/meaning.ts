/** What a part of a configuration means, as plain data: for comparing two files, and for showing people what differs. */
import { createHash } from "node:crypto";
import { Secret } from "../base/secret.ts";
import { Dtab } from "../naming/dtab.ts";
import { Path } from "../naming/path.ts";
import { Pattern } from "./pattern.ts";

/** As JSON would have it; keys of mappings in the order of their letters. */
export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [key: string]: Plain };

/** An object that a plugin's schema made, whose meaning nobody but that plugin knows. */
const OPAQUE = "(something of a plugin)";

/** A plugin may hand what must not be seen through as a text, and make a secret of it only when it is created. */
const TELLING = /^(?:token|password|passphrase|secret|auth|credentials)$/i;

type SecretAs = (secret: Secret) => string;
const hidden: SecretAs = (secret) => secret.toString();
const hashed: SecretAs = (secret) => `secret ${createHash("sha256").update(secret.reveal()).digest("base64url")}`;

/** For people: secrets show as stars. */
export function describe(value: unknown): Plain {
  return new Reader(hidden, TELLING).read(value) ?? null;
}

/** Equal texts mean the same. `undefined` where that cannot be told: a plugin made an object of a class of its own. */
export function meaningOf(value: unknown): string | undefined {
  const reader = new Reader(hashed);
  const plain = reader.read(value);
  return reader.isOpaque ? undefined : (JSON.stringify(plain) ?? "");
}

export function meansTheSame(a: unknown, b: unknown): boolean {
  const meaning = meaningOf(a);
  return meaning !== undefined && meaning === meaningOf(b);
}

class Reader {
  isOpaque = false;
  readonly #secretAs: SecretAs;
  readonly #telling: RegExp | undefined;

  /** Texts under a key that `telling` matches are secrets too. */
  constructor(secretAs: SecretAs, telling?: RegExp) {
    this.#secretAs = secretAs;
    this.#telling = telling;
  }

  read(value: unknown): Plain | undefined {
    if (value === null || typeof value === "string" || typeof value === "boolean") return value;
    if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
    if (typeof value === "bigint") return String(value);
    if (value === undefined) return undefined;
    return typeof value === "object" ? this.#object(value) : this.#opaque();
  }

  #object(value: object): Plain {
    if (value instanceof Secret) return this.#secretAs(value);
    if (value instanceof Path || value instanceof Dtab || value instanceof Pattern) return value.show;
    if (value instanceof RegExp) return String(value);
    if (value instanceof Map) return this.#mapping([...value].map(([key, each]) => [String(key), each]));
    if (value instanceof Set) return this.#list([...value]);
    if (Array.isArray(value)) return this.#list(value);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) return this.#opaque();
    // A plugin is told by its kind, which stands beside it.
    return this.#mapping(Object.entries(value).filter(([key]) => key !== "plugin" || !("kind" in value)));
  }

  #mapping(entries: readonly (readonly [string, unknown])[]): Plain {
    const read = entries.flatMap(([key, value]): [string, Plain][] => {
      const isSecret = typeof value === "string" && this.#telling?.test(key) === true;
      const plain = this.read(isSecret ? new Secret(value) : value);
      return plain === undefined ? [] : [[key, plain]];
    });
    return Object.fromEntries(read.sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  #list(items: readonly unknown[]): Plain {
    return items.map((item) => this.read(item) ?? null);
  }

  #opaque(): Plain {
    this.isOpaque = true;
    return OPAQUE;
  }
}
