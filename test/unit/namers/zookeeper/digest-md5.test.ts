import assert from "node:assert/strict";
import { test } from "node:test";
import { answerChallenge } from "../../../../namers/zookeeper/digest-md5.ts";

const challenge = 'realm="elwood.innosoft.com",nonce="OA6MG9tEQGm2hh",qop="auth",algorithm=md5-sess,charset=utf-8';
const login = { user: "chris", password: "secret", nonce: "OA6MHXh6VqTrRk" };

test("the answer and the server's proof are those of the RFC's example", () => {
  const { text, proof } = answerChallenge(challenge, login, "imap/elwood.innosoft.com");
  assert.match(text, /response=d388dad90d4bbd760a152321f2143af7/);
  assert.equal(proof, "rspauth=ea40f60335c427b5527b84dbabcdfffd");
});

test("a name with quotes is quoted, and letters beyond ISO 8859-1 are taken", () => {
  const { text } = answerChallenge(challenge, { ...login, user: 'o"neil\\', password: "пароль" });
  assert.match(text, /username="o\\"neil\\\\"/);
  const latin = answerChallenge(challenge, { ...login, password: "ä" });
  assert.notEqual(latin.proof, answerChallenge(challenge, { ...login, password: "ä" }, "other/x").proof);
});

test("what is no challenge, or wants more than a password, is an error", () => {
  assert.throws(() => answerChallenge("hello", login), /no nonce/);
  assert.throws(() => answerChallenge('nonce="x",qop="auth-conf"', login), /more than a password/);
});
