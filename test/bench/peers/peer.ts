/** What a proxy is asked to do in a bench, and how it is started for that. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";

export type Protocol = "h1" | "h2";

export interface TlsFiles {
  readonly certPath: string;
  readonly keyPath: string;
  /** Both in one file, as HAProxy wants them. */
  readonly bothPath: string;
}

export interface Assignment {
  /** What callers speak. */
  readonly front: Protocol;
  /** Where callers speak TLS; endpoints never do. */
  readonly tls: TlsFiles | undefined;
  readonly back: { readonly protocol: Protocol; readonly port: number };
  /** Connections are switched to another protocol. */
  readonly tunnels: boolean;
  readonly port: number;
  /** For its files; goes with the bench. */
  readonly folder: string;
}

export type Task = Pick<Assignment, "front" | "tls" | "back" | "tunnels">;

export interface Peer {
  readonly name: string;
  /** Why it cannot run here, with what helps; `undefined` when it can. */
  readonly missing: string | undefined;
  /** Whether it does such a thing at all. */
  can(task: Task): boolean;
  /** Writes its configuration, and says what starts it. */
  command(assignment: Assignment): readonly string[];
}

/** Writes a configuration into the folder, and returns its path. */
export function writeConfig(folder: string, name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}
