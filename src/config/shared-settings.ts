/** Settings by name, made once for all names that the same rules match: there are many names, and few ways to be set. */
import type { Path } from "../naming/path.ts";
import { type Settings, settingsFor } from "./static-settings.ts";

export class SharedSettings<C extends object> {
  readonly #settings: Settings<C>;
  /** By the rules that match. */
  readonly #made = new Map<string, C>();

  constructor(settings: Settings<C>) {
    this.#settings = settings;
  }

  /** As `settingsFor`; the same object for names that nothing tells apart. */
  of(name: Path): C {
    const key = this.#settings.rules.map(({ prefix }) => (prefix.matches(name) ? "1" : "0")).join("");
    const made = this.#made.get(key) ?? settingsFor(this.#settings, name);
    this.#made.set(key, made);
    return made;
  }
}
