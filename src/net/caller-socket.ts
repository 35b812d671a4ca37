/**
 * Sockets of callers that are read into one memory. A server's own sockets get a buffer of 64 KiB for every read, which
 * is then cut to its length: some 15 % of what a small request costs. `net.connect` lets its caller give the memory,
 * `net.createServer` does not, so the accepted handle is moved to a socket that is made with it.
 */
import net from "node:net";
import { sharedReadViews } from "./read-buffer.ts";

/** `bytes` are borrowed until it returns. */
export type Receive = (bytes: Buffer) => void;

/** What Node keeps its handle in; no part of its documented interface, so whoever finds none goes on without. */
interface Handled extends net.Socket {
  /** A socket takes it as it takes one that is bound, which is all that its types know. */
  _handle?: net.BoundSocket | null;
}

interface Reading {
  receive: Receive;
}

const readings = new WeakMap<net.Socket, Reading>();

/** `accepted` was not read yet (`pauseOnConnect`) and is not to be used any more. Returns who reads in its place. */
export function readIntoSharedMemory(accepted: net.Socket): net.Socket {
  // oxlint-disable-next-line no-underscore-dangle -- Node's own name for it, and there is no other way to it
  const handle = (accepted as Handled)._handle;
  if (handle === undefined || handle === null) {
    accepted.resume();
    return accepted;
  }
  // oxlint-disable-next-line no-underscore-dangle -- as above: a socket without a handle closes nothing
  (accepted as Handled)._handle = null;
  accepted.destroy();
  const reading: Reading = { receive: (bytes) => void socket.emit("data", Buffer.from(bytes)) };
  const views = sharedReadViews();
  const callback = (length: number): boolean => {
    reading.receive(views.of(length));
    return true;
  };
  const socket = new net.Socket({ handle, allowHalfOpen: true, onread: { buffer: views.memory, callback } });
  readings.set(socket, reading);
  return socket;
}

/** Has what `socket` reads told to `receive`, whichever way it is read; who did before hears no more. */
export function onBytes(socket: net.Socket, receive: Receive): void {
  const reading = readings.get(socket);
  if (reading !== undefined) {
    reading.receive = receive;
    return;
  }
  socket.removeAllListeners("data");
  socket.on("data", receive);
}

/** Tells `bytes`, which somebody has looked at first, to whoever reads `socket` now. */
export function giveBytes(socket: net.Socket, bytes: Buffer): void {
  const reading = readings.get(socket);
  if (reading === undefined) socket.emit("data", bytes);
  else reading.receive(bytes);
}
