/** Shows a server who this client is, on a connection that has shaken hands. */
import { randomBytes } from "node:crypto";
import type { Connection } from "./connection.ts";
import { answerChallenge } from "./digest-md5.ts";
import { type JuteReader, JuteWriter } from "./jute.ts";
import { Op, Xid } from "./records.ts";
import { reveal, type ZkAuth, type ZkProofs, type ZkSasl } from "./session-state.ts";
import { ZkError, zkErrorOf } from "./zk-error.ts";

/** Rejects with `AUTH_FAILED` where the server refuses, with another Error where it cannot be asked. */
export async function giveCredentials(connection: Connection, proofs: ZkProofs): Promise<void> {
  if (proofs.sasl) await proveBySasl(connection, proofs.sasl);
  for (const auth of proofs.auth) await give(connection, auth);
}

async function give(connection: Connection, auth: ZkAuth): Promise<void> {
  const secret = await reveal(auth.value);
  const body = new JuteWriter().int(0).string(auth.scheme).buffer(Buffer.from(secret.reveal())).done();
  await ask(
    connection,
    { op: Op.auth, xid: Xid.auth, body, what: `credentials of scheme ${auth.scheme}` },
    () => undefined,
  );
}

async function proveBySasl(connection: Connection, { user, password }: ZkSasl): Promise<void> {
  const what = `password of ${user} by SASL`;
  const step = (token: Buffer): Promise<Buffer | undefined> =>
    ask(connection, { op: Op.sasl, body: new JuteWriter().buffer(token).done(), what }, (reader) => reader.buffer());
  const login = { user, password: (await reveal(password)).reveal(), nonce: randomBytes(16).toString("hex") };
  const challenge = await step(Buffer.alloc(0));
  if (challenge === undefined) throw new ZkError("AUTH_FAILED", "the server does not offer SASL");
  const { text, proof } = answerChallenge(challenge.toString("utf8"), login);
  const answer = await step(Buffer.from(text));
  if (answer?.toString("latin1") !== proof)
    throw new ZkError("AUTH_FAILED", `the server does not prove that it knows the ${what}`);
}

interface Question {
  readonly op: number;
  /** One of the fixed ones. */
  readonly xid?: number;
  readonly body: Buffer;
  /** For people. */
  readonly what: string;
}

function ask<T>(connection: Connection, question: Question, read: (reader: JuteReader) => T): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const { op, xid, body, what } = question;
  const answered = (error: number, reader: JuteReader): void => {
    if (error !== 0) return reject(asAuthFailed(error, what));
    try {
      resolve(read(reader));
    } catch (thrown) {
      reject(thrown as Error);
    }
  };
  const lost = (cause: Error): void => reject(new ZkError("CONNECTION_LOSS", `${what}: ${cause.message}`, { cause }));
  connection.send(op, body, { what, answered, lost }, xid);
  return promise;
}

function asAuthFailed(error: number, what: string): ZkError {
  const cause = zkErrorOf(error, what);
  return cause.code === "AUTH_FAILED" ? new ZkError("AUTH_FAILED", `the server refuses the ${what}`) : cause;
}
