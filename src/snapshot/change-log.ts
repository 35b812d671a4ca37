/** What changed since a snapshot was written, in a file beside it: each piece with a checksum that fits only after what is before it. */
import { createHash } from "node:crypto";
import { type FileHandle, open, readFile, rm, stat } from "node:fs/promises";
import { LARGEST_BYTES, missing, replaced } from "./snapshot-file.ts";

const HEAD = "linkspan changes 1 ";
const FOOT = "sha256 ";

export interface LoggedChanges {
  readonly lines: readonly string[];
  /** Epoch ms of the last one. */
  readonly writtenAt: number;
  /** Whether this is all there is: what follows a piece that is cut short or changed is not read. */
  readonly isWhole: boolean;
}

const logOf = (snapshot: string): string => `${snapshot}.changes`;

/** Of the snapshot with that checksum; those of another are none. Rejects with the system's error. */
export async function readChanges(snapshot: string, sum: string): Promise<LoggedChanges | undefined> {
  const path = logOf(snapshot);
  const found = await stat(path).catch(missing);
  if (found === undefined || !found.isFile() || found.size > LARGEST_BYTES) return undefined;
  const [head, ...rest] = (await readFile(path, "utf8")).split("\n");
  if (head !== `${HEAD}${sum}`) return undefined;
  const lines: string[] = [];
  let piece: string[] = [];
  let last = sum;
  for (const line of rest) {
    if (!line.startsWith(FOOT)) {
      piece.push(line);
      continue;
    }
    const next = sumOf(last, textOf(piece));
    if (line !== `${FOOT}${next}`) return { lines, writtenAt: found.mtimeMs, isWhole: false };
    lines.push(...piece);
    piece = [];
    last = next;
  }
  // After the last end of a line there is nothing.
  return { lines, writtenAt: found.mtimeMs, isWhole: piece.join("\n") === "" };
}

/** Removes the one that there is, whose snapshot was replaced. */
export function removeChanges(snapshot: string): Promise<void> {
  return rm(logOf(snapshot), { force: true });
}

/** Whoever made it adds to it, and to no other that takes its place. */
export class ChangeLog implements AsyncDisposable {
  readonly #file: FileHandle;
  #last: string;
  #bytes = 0;

  private constructor(file: FileHandle, sum: string) {
    this.#file = file;
    this.#last = sum;
  }

  /** In place of the one that there is. Rejects with the system's error. */
  static async create(snapshot: string, sum: string): Promise<ChangeLog> {
    const path = logOf(snapshot);
    await replaced(path, (file) => file.appendFile(`${HEAD}${sum}\n`));
    return new ChangeLog(await open(path, "a"), sum);
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Lines with their ends. After an error nothing more may be added. */
  async add(lines: readonly string[]): Promise<void> {
    const text = lines.join("");
    const next = sumOf(this.#last, text);
    const bytes = Buffer.from(`${text}${FOOT}${next}\n`, "utf8");
    await this.#file.appendFile(bytes);
    await this.#file.datasync();
    this.#last = next;
    this.#bytes += bytes.length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }
}

function sumOf(last: string, text: string): string {
  return createHash("sha256").update(last).update("\n").update(text, "utf8").digest("hex");
}

const textOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join("");
