/** How a connection of a caller stands. */

/**
 * "head": waits for a request, or for the rest of its head. "busy": an exchange is under way. "tunnel": its bytes go both
 * ways. "draining": it is over, and the rest of its request's body is read and thrown away. "closing": nothing more is
 * read but to let the last answer arrive. "closed": the socket is gone, or somebody else's.
 */
export type DownstreamState = "head" | "busy" | "tunnel" | "draining" | "closing" | "closed";
