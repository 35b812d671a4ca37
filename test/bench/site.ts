/** What all proxies of a bench share: a folder, a certificate, and backends on the load's core. */
import type { ChildProcess } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { authority } from "../servers/certificates.ts";
import { freePort } from "../servers/free-port.ts";
import { cores, startPinned, stop, waitForPort } from "./measure.ts";
import { nginxCommand } from "./peers/nginx.ts";
import type { Protocol, TlsFiles } from "./peers/peer.ts";

export type BackendName = "h1" | "h2" | "grpc" | "echo";

/** What `GET /` gives: 103 bytes. */
const HELLO =
  "hello world, this is a reasonably small body of about one hundred bytes for the proxy bench 0123456789\\n";

export class Site implements AsyncDisposable {
  readonly folder: string;
  readonly tls: TlsFiles;
  /** A gRPC message of 100 bytes, as callers send it. */
  readonly messageFile: string;
  readonly #children: ChildProcess[] = [];

  private constructor(folder: string) {
    this.folder = folder;
    process.on("exit", this.#removeFolder);
    this.tls = certificateIn(folder);
    this.messageFile = join(folder, "message.bin");
    writeFileSync(this.messageFile, Buffer.concat([Buffer.from([0, 0, 0, 0, 100]), Buffer.alloc(100, 1)]));
  }

  static open(): Site {
    const folder = mkdtempSync(join(tmpdir(), "linkspan-bench-"));
    // nginx reads its files as another user.
    chmodSync(folder, 0o755);
    return new Site(folder);
  }

  /** Starts a backend; it serves `/`, and with HTTP also `/mib` and `/gib`. */
  async startBackend(name: BackendName): Promise<{ readonly protocol: Protocol; readonly port: number }> {
    const port = await freePort();
    const child = startPinned(cores.load, this.#backendCommand(name, port));
    this.#children.push(child);
    await waitForPort(port, 10_000, child);
    return { protocol: name === "h2" || name === "grpc" ? "h2" : "h1", port };
  }

  #backendCommand(name: BackendName, port: number): readonly string[] {
    if (name === "grpc" || name === "echo") {
      return [process.execPath, join(import.meta.dirname, `backends/${name}-backend.ts`), String(port)];
    }
    const folder = this.folderOf(`backend-${port}`);
    // Holes: they take no room on the disk.
    for (const [file, bytes] of Object.entries({ mib: 2 ** 20, gib: 2 ** 30 })) {
      writeFileSync(join(folder, file), "");
      truncateSync(join(folder, file), bytes);
    }
    const listens = name === "h2" ? `${port} http2` : String(port);
    return nginxCommand(
      folder,
      `sendfile on;
  server {
    listen 127.0.0.1:${listens};
    default_type text/plain;
    location / { return 200 "${HELLO}"; }
    location = /mib { root ${folder}; }
    location = /gib { root ${folder}; }
  }`,
    );
  }

  folderOf(name: string): string {
    const folder = join(this.folder, name.replaceAll(/[^\w-]/g, "-"));
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#children.map(stop));
    this.#removeFolder();
    process.off("exit", this.#removeFolder);
  }

  /** The same when the bench is broken off. */
  readonly #removeFolder = (): void => rmSync(this.folder, { recursive: true, force: true });
}

function certificateIn(folder: string): TlsFiles {
  using trusted = authority("Bench Root");
  const { certPath, keyPath } = trusted.issue("bench", {
    commonName: "localhost",
    names: ["DNS:localhost", "IP:127.0.0.1"],
  });
  const files = {
    certPath: join(folder, "tls.crt"),
    keyPath: join(folder, "tls.key"),
    bothPath: join(folder, "tls.pem"),
  };
  copyFileSync(certPath, files.certPath);
  copyFileSync(keyPath, files.keyPath);
  writeFileSync(files.bothPath, Buffer.concat([readFileSync(certPath), readFileSync(keyPath)]));
  return files;
}
