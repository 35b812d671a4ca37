/** DIGEST-MD5 (RFC 2831) as ZooKeeper's servers speak it: the answer to a challenge, and the proof that comes back. */
import { createHash } from "node:crypto";

/** Every server calls itself so, whatever its host is called. */
const URI = "zookeeper/zk-sasl-md5";
const COUNT = "00000001";

export interface Login {
  readonly user: string;
  readonly password: string;
  /** Chosen by us, never the same twice. */
  readonly nonce: string;
}

export interface DigestAnswer {
  readonly text: string;
  /** What a server must say that knows the password. */
  readonly proof: string;
}

/** Throws an Error for a challenge that is none. `uri` is for whom the answer is. */
export function answerChallenge(challenge: string, { user, password, nonce }: Login, uri = URI): DigestAnswer {
  const said = directives(challenge);
  const serverNonce = said.get("nonce");
  if (serverNonce === undefined) throw new Error("the server's challenge has no nonce");
  if (!(said.get("qop") ?? "auth").split(",").includes("auth"))
    throw new Error("the server wants more than a password");
  const realm = said.get("realm") ?? "";
  const secret = md5(Buffer.concat([bytesOf(user), bytesOf(`:${realm}:`), bytesOf(password)]));
  const a1 = md5(Buffer.concat([secret, Buffer.from(`:${serverNonce}:${nonce}`)])).toString("hex");
  const response = (a2: string): string => {
    const hash = md5(Buffer.from(a2)).toString("hex");
    return md5(Buffer.from(`${a1}:${serverNonce}:${COUNT}:${nonce}:auth:${hash}`)).toString("hex");
  };
  const text = [
    "charset=utf-8",
    `username=${quoted(user)}`,
    `realm=${quoted(realm)}`,
    `nonce=${quoted(serverNonce)}`,
    `nc=${COUNT}`,
    `cnonce=${quoted(nonce)}`,
    `digest-uri="${uri}"`,
    "maxbuf=65536",
    `response=${response(`AUTHENTICATE:${uri}`)}`,
    "qop=auth",
  ].join(",");
  return { text, proof: `rspauth=${response(`:${uri}`)}` };
}

function md5(bytes: Buffer): Buffer {
  return createHash("md5").update(bytes).digest();
}

/** RFC 2831 §2.1.2.1: hashed as ISO 8859-1 where that has all the letters. */
function bytesOf(text: string): Buffer {
  return Buffer.from(text, /^[\0-\xff]*$/.test(text) ? "latin1" : "utf8");
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}

function directives(text: string): ReadonlyMap<string, string> {
  const found = text.matchAll(/([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^,\s]*))/g);
  return new Map(
    [...found].map(([, name = "", inQuotes, plain = ""]) => [
      name.toLowerCase(),
      inQuotes === undefined ? plain : inQuotes.replace(/\\(.)/g, "$1"),
    ]),
  );
}
