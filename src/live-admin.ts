/** The admin port over all configurations: where it is to listen elsewhere, it does so before it leaves where it was. */
import { type AdminParts, type OpenAdmin, openAdmin } from "./admin-linker.ts";
import type { Scope } from "./base/scope.ts";
import { sleep } from "./base/time.ts";
import type { AdminConfig } from "./config/config.ts";

export type LiveAdminParts = Omit<AdminParts, "host" | "port" | "fd">;

/** Either `commit` or `cancel` is called, once. */
export interface PreparedAdmin {
  commit(): void;
  cancel(): Promise<void>;
}

interface Opened {
  /** As the configuration says it. */
  readonly said: Pick<AdminConfig, "ip" | "port">;
  readonly admin: OpenAdmin;
  readonly scope: Scope;
}

/** So long the answers may take that are under way where the port was. */
const LEAVE_MS = 5_000;

export class LiveAdmin {
  readonly #parts: LiveAdminParts;
  readonly #owner: Scope;
  #opened: Opened;

  private constructor(parts: LiveAdminParts, owner: Scope, opened: Opened) {
    this.#parts = parts;
    this.#owner = owner;
    this.#opened = opened;
  }

  /** `at` says where it was, or which socket it inherits, in place of what the configuration says. Rejects with a ListenError. */
  static async open(
    parts: LiveAdminParts,
    said: Pick<AdminConfig, "ip" | "port">,
    at: { readonly port?: number | undefined; readonly fd?: number | undefined },
    owner: Scope,
  ): Promise<LiveAdmin> {
    const scope = owner.child();
    const admin = await openAdmin({ ...parts, host: said.ip, port: at.port ?? said.port, fd: at.fd }, scope);
    return new LiveAdmin(parts, owner, { said, admin, scope });
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
  }

  /** Listens there, unless it does already. Rejects with a ListenError. */
  async prepare({ ip, port }: AdminConfig): Promise<PreparedAdmin> {
    const before = this.#opened;
    if (before.said.ip === ip && before.said.port === port) {
      return { commit: () => undefined, cancel: () => Promise.resolve() };
    }
    const scope = this.#owner.child();
    try {
      const admin = await openAdmin({ ...this.#parts, host: ip, port, fd: undefined }, scope);
      return { commit: () => this.#move(before, { said: { ip, port }, admin, scope }), cancel: () => scope.close() };
    } catch (error) {
      await scope.close();
      throw error;
    }
  }

  #move(before: Opened, next: Opened): void {
    this.#opened = next;
    before.admin.leave();
    void sleep(this.#parts.clock, LEAVE_MS, before.scope.signal)
      .catch(() => undefined)
      .then(() => before.scope.close())
      .catch(this.#parts.bug);
  }
}
