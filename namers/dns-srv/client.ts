/** Asks name servers: over UDP, over TCP what does not fit, and several of them in turn, all within bounds. */
import { randomInt } from "node:crypto";
import { type Clock, type Dialer, type Resolver, sleep, Turnstile } from "linkspan/plugin";
import { type DnsServer, showServer } from "./dns-server.ts";
import { decodeReply, encodeQuestion, type Question, Rcode, type Reply } from "./message.ts";
import { askOverTcp } from "./tcp-exchange.ts";
import { askOverUdp, type ExchangeOptions } from "./udp-exchange.ts";

export interface DnsClientOptions {
  /** Asked before each question, in the order of preference. */
  readonly servers: () => Promise<readonly DnsServer[]>;
  readonly clock: Clock;
  readonly dial: Dialer;
  /** For servers that are written by name. */
  readonly resolve: Resolver;
  /** A number below 65536 that nobody can guess; the system's unless given. */
  readonly newId?: () => number;
}

/** How long one server may take, in the first round over all and in the second. */
const TRY_MS = [1000, 2000] as const;
/** Before the second round: a server that is just being restarted refuses for a moment. */
const PAUSE_MS = 250;
/** As resolv.conf(5) has it. */
const MAX_SERVERS = 3;
const AT_ONCE = 64;
const WAITING = 4096;

export class DnsClient {
  readonly #options: DnsClientOptions;
  readonly #newId: () => number;
  readonly #turnstile = new Turnstile(AT_ONCE, WAITING);
  /** Who answered last is asked first, so that a dead server costs its time once. */
  #preferred = "";

  constructor(options: DnsClientOptions) {
    this.#options = options;
    this.#newId = options.newId ?? (() => randomInt(0x1_0000));
  }

  /** A server's word: NOERROR or NXDOMAIN. Rejects when none of them gives one, with an Error that says of each round's last why. */
  ask(question: Question, signal: AbortSignal): Promise<Reply> {
    return this.#turnstile.pass(() => this.#ask(question, signal));
  }

  async #ask(question: Question, signal: AbortSignal): Promise<Reply> {
    signal.throwIfAborted();
    const servers = this.#inTurn(await this.#options.servers());
    let trouble: unknown;
    for (const [round, timeoutMs] of TRY_MS.entries()) {
      if (round > 0) await sleep(this.#options.clock, PAUSE_MS, signal);
      for (const server of servers) {
        try {
          const reply = await this.#askServer(server, question, timeoutMs, signal);
          this.#preferred = showServer(server);
          return reply;
        } catch (error) {
          signal.throwIfAborted();
          trouble = wrapped(server, question, error);
        }
      }
    }
    throw trouble;
  }

  #inTurn(servers: readonly DnsServer[]): readonly DnsServer[] {
    const some = servers.slice(0, MAX_SERVERS);
    const first = some.findIndex((server) => showServer(server) === this.#preferred);
    return first <= 0 ? some : [...some.slice(first), ...some.slice(0, first)];
  }

  async #askServer(server: DnsServer, question: Question, timeoutMs: number, signal: AbortSignal): Promise<Reply> {
    const { addresses } = await this.#options.resolve.addresses(server.host, signal);
    const [host] = addresses;
    if (host === undefined) throw new Error("it has no address");
    const place = { host, port: server.port, timeoutMs };
    let reply = await this.#exchange(place, question, true, signal);
    // A server from before RFC 6891.
    if (reply.rcode === Rcode.formErr || reply.rcode === Rcode.notImp) {
      reply = await this.#exchange(place, question, false, signal);
    }
    if (reply.rcode === Rcode.noError || reply.rcode === Rcode.nxDomain) return reply;
    const name = Object.entries(Rcode)
      .find(([, number]) => number === reply.rcode)?.[0]
      .toUpperCase();
    throw new Error(`it answers ${name ?? `with code ${reply.rcode}`}`);
  }

  async #exchange(
    place: Pick<ExchangeOptions<Reply>, "host" | "port" | "timeoutMs">,
    question: Question,
    withEdns: boolean,
    signal: AbortSignal,
  ): Promise<Reply> {
    const { clock, dial } = this.#options;
    const id = this.#newId();
    const bytes = encodeQuestion(id, question, withEdns);
    const accept = (answer: Uint8Array): Reply | undefined => decodeReply(answer, id, question);
    const options = { ...place, bytes, accept, clock, signal };
    const reply = await askOverUdp(options);
    return reply.isTruncated ? await askOverTcp({ ...options, dial }) : reply;
  }
}

function wrapped(server: DnsServer, { name }: Question, error: unknown): Error {
  const why = error instanceof Error ? error.message : String(error);
  return new Error(`the name server ${showServer(server)} cannot be asked for ${name}: ${why}`, { cause: error });
}
