/** Where to listen, and by which descriptor a listening socket is known, so that another process can inherit it. */
import net from "node:net";

export interface ListenPlace {
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** Several listeners, of this process or others, may share the address. */
  readonly reusePort?: boolean;
  /** A listening socket that is open already; `host` and `port` then only name it. It is the listener's from now on. */
  readonly fd?: number;
}

/** What `Server.listen` takes, and the descriptor of its socket; `undefined` where it cannot be told. */
export interface OpenPlace {
  readonly options: net.ListenOptions;
  readonly fd: number | undefined;
}

const BACKLOG = 1024;

/** Whether this Node can tell the descriptor of a socket that it opened, by which another process gets it. */
export const passesSockets = typeof net.BoundSocket === "function";

/** Binds the socket where Node has a way to say its descriptor: at an IP address. Throws what the system says. */
export function openPlace({ host, port, reusePort = false, fd }: ListenPlace): OpenPlace {
  const backlog = BACKLOG;
  // The types have no `fd`; the documentation of `server.listen` has.
  if (fd !== undefined) return { options: { fd, backlog } as net.ListenOptions, fd };
  if (!passesSockets || net.isIP(host) === 0) return { options: { host, port, reusePort, backlog }, fd: undefined };
  const bound = new net.BoundSocket({ host, port, reusePort });
  return { options: { handle: bound, backlog }, fd: bound.fd() };
}
