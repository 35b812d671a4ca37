/** Ends a session from outside, as whoever knows its id and password can. */
import { once } from "node:events";
import { connect } from "node:net";
import { JuteWriter } from "../../namers/zookeeper/jute.ts";
import { type ConnectResponse, connectRequest, frame, Op } from "../../namers/zookeeper/records.ts";

export type SessionKey = Pick<ConnectResponse, "sessionId" | "password">;

/** Resolves when the server has hung up. `connectString` is one server, by its address. */
export async function closeSession(connectString: string, { sessionId, password }: SessionKey): Promise<void> {
  const colon = connectString.lastIndexOf(":");
  const socket = connect(Number(connectString.slice(colon + 1)), connectString.slice(0, colon));
  socket.on("error", () => undefined);
  await once(socket, "connect");
  const greeting = connectRequest({ lastZxid: 0n, timeoutMs: 4_000, sessionId, password, readOnly: false });
  socket.write(frame(greeting));
  const closed = once(socket, "close");
  // Of a session that is over already the server says so, and hangs up.
  socket.once("data", () => socket.write(frame(new JuteWriter().int(1).int(Op.closeSession).done())));
  await closed;
}
