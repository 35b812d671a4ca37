/** The server's side of SASL (DIGEST-MD5) on one connection to the fake ZooKeeper. */
import { answerChallenge } from "../../namers/zookeeper/digest-md5.ts";

const CHALLENGE = 'realm="zk-sasl-md5",nonce="c2VydmVyIG5vbmNl",charset=utf-8,algorithm=md5-sess';

export class FakeSasl {
  readonly #passwords: ReadonlyMap<string, string> | undefined;
  readonly #forges: boolean;
  #user: string | undefined;

  /** By user; `undefined` where SASL is not offered. Who forges takes any answer, and knows no password. */
  constructor(passwords: ReadonlyMap<string, string> | undefined, forges: boolean) {
    this.#passwords = passwords;
    this.#forges = forges;
  }

  /** Who has proved a password. */
  get user(): string | undefined {
    return this.#user;
  }

  /** The answer to a token; `undefined` is no token. */
  step(token: Buffer): Buffer | "refused" | undefined {
    if (!this.#passwords) return undefined;
    if (token.length === 0) return Buffer.from(CHALLENGE);
    if (this.#forges) return Buffer.from("rspauth=00000000000000000000000000000000");
    const text = token.toString("utf8");
    const of = (name: string): string => new RegExp(`${name}="?([^",]*)`).exec(text)?.[1] ?? "";
    const user = of("username");
    const password = this.#passwords.get(user);
    if (password === undefined) return "refused";
    const right = answerChallenge(CHALLENGE, { user, password, nonce: of("cnonce") });
    if (right.text !== text) return "refused";
    this.#user = user;
    return Buffer.from(right.proof);
  }
}
