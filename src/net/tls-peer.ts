/** What is known of a caller by its TLS connection. */
import type { X509Certificate } from "node:crypto";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { alternativeNames, oneLineName, type Proof } from "../base/certificates.ts";

const proofs = new WeakMap<Socket, Proof>();

/** For whoever has verified the certificate of the socket's peer. */
export function setProof(socket: Socket, certificate: X509Certificate): void {
  proofs.set(socket, proofOf(certificate));
}

/** `undefined` where the caller has shown no certificate, or came without TLS. */
export function proofFor(socket: Socket): Proof | undefined {
  return proofs.get(socket);
}

export function schemeOf(socket: Socket): "http" | "https" {
  return socket instanceof TLSSocket ? "https" : "http";
}

export function proofOf(certificate: X509Certificate): Proof {
  const { dns, uris } = alternativeNames(certificate);
  const subject = oneLineName(certificate.subject);
  const forwarded = [
    `Hash=${certificate.fingerprint256.replaceAll(":", "")}`,
    ...uris.map((uri) => `SAN=${item(uri)}`),
    ...dns.map((name) => `DNS=${item(name)}`),
    // RFC 2253 has escaped what a quoted text may not hold.
    ...(subject === "" ? [] : [`Subject="${fieldText(subject)}"`]),
  ];
  return { forwarded: forwarded.join(";"), id: fieldText(uris[0] ?? dns[0] ?? "") };
}

/** What would end the item, or the element, is put in quotes. */
function item(text: string): string {
  return /[^A-Za-z0-9._~:/?#@!$&*+%-]/.test(text) ? quoted(text) : text;
}

function quoted(text: string): string {
  return `"${fieldText(text).replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}

/** UTF-8, a byte a letter as header fields have it; what no field may hold is a `?`. */
function fieldText(text: string): string {
  return Buffer.from(text, "utf8")
    .toString("latin1")
    .replaceAll(/[^ -~\u0080-\u00ff]/g, "?");
}
