/** Which answers have no body, and which make a tunnel of what they come on. */
import type { Exchange } from "./exchange.ts";

/** Whether an answer to a request without an upgrade makes a tunnel of its connection, whatever its fields say. */
export const connects = (method: string, status: number): boolean =>
  method === "CONNECT" && status >= 200 && status < 300;

/** Whether the answer that an exchange has makes a tunnel: 101 where its caller asked to switch, else as `connects`. */
export const opensTunnel = ({ request, response, upgrade }: Exchange): boolean =>
  upgrade !== "" ? response.status === 101 : connects(request.method, response.status);

/** Whether an answer has no body whatever its fields say (RFC 9110 §6.4.1). */
export const hasNoBody = (method: string, status: number): boolean =>
  method === "HEAD" || status === 204 || status === 304 || status < 200;
