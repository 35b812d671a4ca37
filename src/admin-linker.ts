/** Opens the admin port, in whatever thread it runs. */
import { type AdminFace, AdminServer } from "./admin/server.ts";
import type { Scope } from "./base/scope.ts";
import { type ListenPlace, openPlace } from "./net/listen-place.ts";
import { ListenError } from "./net/listener.ts";

export interface OpenAdmin {
  readonly host: string;
  readonly port: number;
  /** The descriptor of its listening socket, where that can be told. */
  readonly fd: number | undefined;
  /** Shows another face from now on. */
  use(face: AdminFace): void;
  /** Takes no new connections. */
  leave(): void;
}

/** Rejects with a ListenError; `owner` closes it. */
export async function openAdmin(
  face: AdminFace,
  place: ListenPlace,
  bug: (error: unknown) => void,
  owner: Scope,
): Promise<OpenAdmin> {
  const server = owner.own(new AdminServer(face, bug));
  const { host, port: wanted } = place;
  try {
    const { options, fd } = openPlace(place);
    const port = await server.listen(options);
    return { host, port, fd, use: (next) => server.use(next), leave: () => server.leave() };
  } catch (error) {
    const inUse = (error as NodeJS.ErrnoException).code === "EADDRINUSE";
    const what = `${host}:${wanted} (admin)`;
    if (inUse) throw new ListenError("listen.in_use", `${what} is in use`, error);
    throw new ListenError("listen.failed", `cannot listen on ${what}: ${(error as Error).message}`, error);
  }
}
