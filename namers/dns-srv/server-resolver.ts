/** Addresses of hosts, asked of the same name servers as the records that name them. */
import type { Resolver } from "linkspan/plugin";
import type { DnsClient } from "./client.ts";
import type { AddressRecord, QuestionType } from "./message.ts";

type Answer = Awaited<ReturnType<Resolver["addresses"]>>;

/** IPv6 is asked for only where there is no IPv4. Errors for hosts that do not exist have the code ENOTFOUND. */
export class ServerResolver implements Resolver {
  readonly #client: DnsClient;

  constructor(client: DnsClient) {
    this.#client = client;
  }

  async addresses(host: string, signal: AbortSignal): Promise<Answer> {
    const name = host.endsWith(".") ? host.slice(0, -1) : host;
    const answer = (await this.#ask(name, "A", signal)) ?? (await this.#ask(name, "AAAA", signal));
    if (answer) return answer;
    throw Object.assign(new Error(`cannot resolve ${name}: no such host`), { code: "ENOTFOUND" });
  }

  async #ask(name: string, type: QuestionType, signal: AbortSignal): Promise<Answer | undefined> {
    const { answers } = await this.#client.ask({ name, type }, signal);
    const records = answers.filter((record): record is AddressRecord => record.type === type);
    if (records.length === 0) return undefined;
    return {
      addresses: records.map((record) => record.address),
      ttlMs: Math.min(...answers.map((record) => record.ttlMs)),
    };
  }
}
