/** What one server is in one configuration: a part between a listener and a router that can be replaced. */
import type { RouterConfig, ServerConfig } from "./config/config.ts";
import type { DataPath } from "./data-path.ts";
import type { Service } from "./http/exchange.ts";
import type { ListenerOptions } from "./net/listener.ts";

export interface ServerEnd {
  /** What a listener does with a connection that comes. Its requests go through the door. */
  readonly accept: ListenerOptions["accept"];
  /** Where the door is to lead. */
  readonly service: Service;
  /** Resolves when nothing that came through the door is left. */
  whenIdle(): Promise<void>;
}

export interface ServerEndParts {
  readonly router: RouterConfig;
  readonly server: ServerConfig;
  /** The router. */
  readonly next: Service;
  readonly door: Service;
  readonly data: DataPath;
}
