/** A mapping of a kubeconfig, read key by key: what has another type than it must have is refused with its place. */
import type { ParsedText } from "linkspan/plugin";

type At = readonly (string | number)[];

/** Keys that nobody asks for are not looked at: kubeconfigs carry what other tools put there. */
export class KubeconfigNode {
  readonly #value: Readonly<Record<string, unknown>>;
  readonly #text: ParsedText;
  readonly #at: At;

  private constructor(value: Readonly<Record<string, unknown>>, text: ParsedText, at: At) {
    this.#value = value;
    this.#text = text;
    this.#at = at;
  }

  static root(parsed: ParsedText): KubeconfigNode {
    if (!isMapping(parsed.value)) throw new Error("it is no kubeconfig: it holds no mapping");
    return new KubeconfigNode(parsed.value, parsed, []);
  }

  /** As plain data. */
  get value(): Readonly<Record<string, unknown>> {
    return this.#value;
  }

  /** What is empty counts as absent, as kubectl has it. */
  text(key: string): string | undefined {
    const value = this.#value[key];
    if (value === undefined || value === null || value === "") return undefined;
    if (typeof value === "object") throw this.#wrong(key, "a text");
    return this.#text.source.textAt?.([...this.#at, key]) ?? String(value as string | number | boolean);
  }

  requiredText(key: string): string {
    const text = this.text(key);
    if (text === undefined) throw new Error(`\`${this.#place(key)}\` is missing`);
    return text;
  }

  /** False where it is absent. */
  flag(key: string): boolean {
    const value = this.#value[key] ?? false;
    if (typeof value !== "boolean") throw this.#wrong(key, "true or false");
    return value;
  }

  child(key: string): KubeconfigNode | undefined {
    const value = this.#value[key];
    if (value === undefined || value === null) return undefined;
    if (!isMapping(value)) throw this.#wrong(key, "a mapping");
    return new KubeconfigNode(value, this.#text, [...this.#at, key]);
  }

  /** None where the list is absent. */
  children(key: string): readonly KubeconfigNode[] {
    return this.#list(key).map((value, index) => {
      if (!isMapping(value)) throw this.#wrong(`${key}[${index}]`, "a mapping");
      return new KubeconfigNode(value, this.#text, [...this.#at, key, index]);
    });
  }

  texts(key: string): readonly string[] {
    return this.#list(key).map((value, index) => {
      if (typeof value === "object") throw this.#wrong(`${key}[${index}]`, "a text");
      return this.#text.source.textAt?.([...this.#at, key, index]) ?? String(value as string | number | boolean);
    });
  }

  #list(key: string): readonly unknown[] {
    const value = this.#value[key] ?? [];
    if (!Array.isArray(value)) throw this.#wrong(key, "a list");
    return value as readonly unknown[];
  }

  #wrong(key: string, expected: string): Error {
    return new Error(`\`${this.#place(key)}\` is not ${expected}`);
  }

  #place(key: string): string {
    const steps = this.#at.map((step) => (typeof step === "number" ? `[${step}]` : `.${step}`));
    return `${steps.join("")}.${key}`.slice(1);
  }
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
