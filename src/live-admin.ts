/** The admin port over all configurations: where it is to listen elsewhere, it does so before it leaves where it was. */
import { type AdminMemory, type AdminParts, linkFace } from "./admin-face.ts";
import { type OpenAdmin, openAdmin } from "./admin-linker.ts";
import { IdentifierPort } from "./admin/identifier-port.ts";
import { MinuteWindows } from "./admin/minute-windows.ts";
import { Questions } from "./admin/questions.ts";
import type { AdminFace } from "./admin/server.ts";
import type { Scope } from "./base/scope.ts";
import { sleep } from "./base/time.ts";
import type { Config } from "./config/config.ts";
import { Telemeters } from "./telemeters.ts";

export type { AdminParts } from "./admin-face.ts";

/** Either `commit` or `cancel` is called, once. */
export interface PreparedAdmin {
  commit(): void;
  cancel(): Promise<void>;
}

interface Opened {
  readonly config: Config;
  readonly admin: OpenAdmin;
  /** Of the listening socket. */
  readonly scope: Scope;
  /** Of what is shown there. */
  readonly faceScope: Scope;
}

/** So long the answers may take that are under way where the port was, or of what it showed. */
const LEAVE_MS = 5_000;

export class LiveAdmin {
  readonly #parts: AdminParts;
  readonly #memory: AdminMemory;
  readonly #owner: Scope;
  readonly #telemeters: Telemeters;
  #opened: Opened;
  #identifier: { readonly port: IdentifierPort; readonly scope: Scope } | undefined;

  private constructor(parts: AdminParts, memory: AdminMemory, owner: Scope, opened: Opened) {
    this.#parts = parts;
    this.#memory = memory;
    this.#owner = owner;
    this.#opened = opened;
    this.#telemeters = new Telemeters(parts, owner);
    this.#telemeters.use(opened.config);
    this.#identify(opened.config);
  }

  /** `at` says where it was, or which socket it inherits, in place of what the configuration says. Rejects with a ListenError or a CertificateError. */
  static async open(
    parts: AdminParts,
    config: Config,
    at: { readonly port?: number | undefined; readonly fd?: number | undefined },
    owner: Scope,
  ): Promise<LiveAdmin> {
    const { metrics, world, bug } = parts;
    const memory = { windows: owner.own(new MinuteWindows(metrics, world.clock)), questions: new Questions() };
    const [scope, faceScope] = [owner.child(), owner.child()];
    const { ip: host, port } = config.admin;
    const face = linkFace(parts, memory, config, faceScope);
    const place = { host, port: at.port ?? port, ...(at.fd === undefined ? {} : { fd: at.fd }) };
    const admin = await openAdmin(face, place, bug, scope);
    return new LiveAdmin(parts, memory, owner, { config, admin, scope, faceScope });
  }

  get host(): string {
    return this.#opened.admin.host;
  }

  get port(): number {
    return this.#opened.admin.port;
  }

  get fd(): number | undefined {
    return this.#opened.admin.fd;
  }

  /** Another process has the port now. */
  leave(): void {
    this.#opened.admin.leave();
    void this.#identifier?.scope.close().catch(this.#parts.bug);
  }

  /** Listens where it is to, unless it does already. Rejects with a ListenError or a CertificateError. */
  async prepare(config: Config): Promise<PreparedAdmin> {
    const before = this.#opened;
    const faceScope = this.#owner.child();
    const { ip: host, port } = config.admin;
    const stays = before.config.admin.ip === host && before.config.admin.port === port;
    const scope = stays ? before.scope : this.#owner.child();
    const cancel = async (): Promise<void> => {
      if (!stays) await scope.close();
      await faceScope.close();
    };
    try {
      const face = linkFace(this.#parts, this.#memory, config, faceScope);
      const admin = stays ? before.admin : await openAdmin(face, { host, port }, this.#parts.bug, scope);
      return { commit: () => this.#take(face, { config, admin, scope, faceScope }), cancel };
    } catch (error) {
      await cancel();
      throw error;
    }
  }

  #take(face: AdminFace, next: Opened): void {
    const before = this.#opened;
    this.#opened = next;
    if (next.admin === before.admin) next.admin.use(face);
    else before.admin.leave();
    this.#telemeters.use(next.config);
    this.#identify(next.config);
    const { scope, faceScope } = before;
    void this.#close(faceScope, scope === next.scope ? [faceScope] : [scope, faceScope]).catch(this.#parts.bug);
  }

  /** The port beside it, where the configuration has one. */
  #identify({ admin: { ip: host, httpIdentifierPort: port } }: Config): void {
    if (this.#identifier?.port.isAt(host, port)) return;
    const { world, explain: source, bug } = this.#parts;
    void this.#identifier?.scope.close().catch(bug);
    this.#identifier = undefined;
    if (port === undefined) return;
    const scope = this.#owner.child();
    const { clock, log } = world;
    this.#identifier = { scope, port: scope.own(new IdentifierPort({ host, port, source, clock, log, bug })) };
  }

  /** Keeps nothing else meanwhile: a configuration may have thousands of lines. */
  async #close({ signal }: Scope, left: readonly Scope[]): Promise<void> {
    await sleep(this.#parts.world.clock, LEAVE_MS, signal).catch(() => undefined);
    for (const scope of left) await scope.close();
  }
}
