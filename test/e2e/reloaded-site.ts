/** A daemon that reads a file which a test rewrites, two backends behind it, and orders at its admin port. */
import { join } from "node:path";
import { type Daemon, start } from "../../src/index.ts";
import type { DiffReport, ReloadReport } from "../../src/reload/report.ts";
import { type Backend, startBackend } from "../load/backend.ts";
import type { LogLine } from "./daemon.ts";
import { type TempFolder, tempFolder } from "./temp-folder.ts";

export const NAMERS = "namers: [{kind: io.l5d.fs, rootDir: disco}]\nadmin: {port: 0}\n";

/** A router of HTTP whose names are hosts. */
export function router(dtab: string, keys = "", server = "port: 0"): string {
  const identifier = "identifier: {kind: io.l5d.header.token}";
  return `- {protocol: http, ${identifier}, dtab: "${dtab}", servers: [{${server}}]${keys === "" ? "" : `, ${keys}`}}\n`;
}

export class ReloadedSite implements AsyncDisposable {
  readonly daemon: Daemon;
  readonly folder: TempFolder;
  readonly log: readonly LogLine[];
  readonly a: Backend;
  readonly b: Backend;
  readonly #stack: AsyncDisposableStack;

  private constructor(
    daemon: Daemon,
    folder: TempFolder,
    log: readonly LogLine[],
    backends: readonly [Backend, Backend],
    stack: AsyncDisposableStack,
  ) {
    this.daemon = daemon;
    this.folder = folder;
    this.log = log;
    [this.a, this.b] = backends;
    this.#stack = stack;
  }

  static async open(yaml: string, workers: number, watch = false): Promise<ReloadedSite> {
    await using stack = new AsyncDisposableStack();
    const a = stack.use(await startBackend("a"));
    const b = stack.use(await startBackend("b"));
    const line = ({ port }: Backend): string => `127.0.0.1 ${port}\n`;
    const files = { "disco/a": line(a), "disco/b": line(b), "linkspan.yaml": yaml };
    const folder = stack.use(tempFolder(files));
    const log: LogLine[] = [];
    const writeLog = (text: string): void => void log.push(JSON.parse(text) as LogLine);
    const daemon = await start({ file: join(folder.path, "linkspan.yaml"), workers, watch, writeLog });
    stack.defer(() => daemon.close());
    return new ReloadedSite(daemon, folder, log, [a, b], stack.move());
  }

  get port(): number {
    return this.daemon.servers[0]?.port ?? 0;
  }

  logged(event: string): readonly LogLine[] {
    return this.log.filter((line) => line.event === event);
  }

  write(yaml: string): void {
    this.folder.write("linkspan.yaml", yaml);
  }

  /** Writes the file, has it read, and gives what came of it. */
  async reload(yaml: string): Promise<ReloadReport> {
    this.write(yaml);
    return (await this.post("/admin/reload")) as ReloadReport;
  }

  diff(text: string): Promise<DiffReport> {
    return this.post("/admin/diff", { text, file: "new.yaml" }) as Promise<DiffReport>;
  }

  async post(path: string, body?: object, headers: Readonly<Record<string, string>> = {}): Promise<unknown> {
    const { port } = this.daemon.admin;
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", connection: "close", ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (response.status === 403) return text;
    return JSON.parse(text) as unknown;
  }

  /** The value of the series whose line begins so. */
  async metric(series: string): Promise<number | undefined> {
    const text = await (await fetch(`http://127.0.0.1:${this.daemon.admin.port}/metrics`)).text();
    const line = text.split("\n").find((each) => each.startsWith(`${series} `) || each.startsWith(`${series}{`));
    return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(" ") + 1));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}
