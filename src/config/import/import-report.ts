/** What became of each key of a file that was imported. */
import type { At } from "../field.ts";

/** `same` means what it meant, `changed` does not quite, `refused` is left out. */
export type Fate = "same" | "changed" | "refused";

export interface ReportLine {
  /** As people write a place: `routers[0].dtab`. */
  readonly key: string;
  /** In the file that was imported; counts from 1. */
  readonly line: number;
  readonly fate: Fate;
  /** The key that says it now; absent where nothing does. */
  readonly to?: string;
  /** What differs, or why it stays as it is. */
  readonly note?: string;
}

export function showKey(at: At): string {
  return at.reduce<string>((text, step) => {
    if (typeof step === "number") return `${text}[${step}]`;
    return text === "" ? step : `${text}.${step}`;
  }, "");
}
