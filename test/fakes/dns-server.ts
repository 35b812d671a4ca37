/** A name server on loopback, over UDP and TCP at one port, with the verbs of trouble. */
import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { type Answer, AUTHORITATIVE_ANSWER, decode, encode, TRUNCATED_RESPONSE } from "dns-packet";

export interface FakeSrv {
  readonly target: string;
  readonly port: number;
  readonly priority?: number;
  readonly weight?: number;
}

/** How a question is answered, beside what the zone says. */
export type Mood = "well" | "servfail" | "refused" | "silent" | "garbage" | "cut";

const RCODE = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, REFUSED: 5 } as const;
const TRIES = 20;

export class FakeDnsServer implements AsyncDisposable {
  readonly services = new Map<string, readonly FakeSrv[]>();
  readonly hosts = new Map<string, readonly string[]>();
  readonly aliases = new Map<string, string>();
  /** `name type transport` of each question, in order. */
  readonly asked: string[] = [];
  mood: Mood = "well";
  ttl = 30;
  negativeTtl = 30;
  /** Whether the addresses of targets are sent along. */
  withAdditionals = false;
  /** The most records in an answer over UDP; more are cut off, with the sign for it. */
  udpRecords = Infinity;
  /** As servers from before EDNS do. */
  refusesEdns = false;
  /** Messages sent before the true answer over UDP, made of it. */
  forged: ((truth: Buffer) => Buffer)[] = [];
  #udp: UdpSocket | undefined;
  #tcp: Server | undefined;
  #port = 0;
  readonly #sockets = new Set<Socket>();
  readonly #parked: (() => void)[] = [];

  static async start(): Promise<FakeDnsServer> {
    const server = new FakeDnsServer();
    await server.up();
    return server;
  }

  get port(): number {
    return this.#port;
  }

  async up(): Promise<void> {
    if (this.#tcp) return;
    for (let tried = 1; ; tried++) {
      try {
        return await this.#listen();
      } catch (error) {
        await this.down();
        if (tried === TRIES) throw error;
        if (this.asked.length === 0) this.#port = 0;
      }
    }
  }

  async down(): Promise<void> {
    const udp = this.#udp;
    const tcp = this.#tcp;
    this.#udp = undefined;
    this.#tcp = undefined;
    for (const socket of this.#sockets) socket.destroy();
    if (udp) await new Promise<void>((resolve) => udp.close(resolve));
    if (tcp?.listening === true) await new Promise((resolve) => tcp.close(resolve));
  }

  /** Takes questions and answers them when it resumes. */
  stall(): void {
    this.mood = "silent";
  }

  resume(): void {
    this.mood = "well";
    for (const answer of this.#parked.splice(0)) answer();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.down();
  }

  async #listen(): Promise<void> {
    const tcp = createServer((socket) => this.#serve(socket));
    this.#tcp = tcp;
    tcp.listen(this.#port, "127.0.0.1");
    await once(tcp, "listening");
    this.#port = (tcp.address() as AddressInfo).port;
    const udp = createSocket("udp4");
    this.#udp = udp;
    udp.on("message", (bytes, { port, address }) => {
      this.#answer(bytes, "udp", (answers) => answers.forEach((each) => udp.send(each, port, address)));
    });
    const bound = once(udp, "listening");
    udp.bind(this.#port, "127.0.0.1");
    await bound;
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("error", () => undefined);
    let rest: Buffer = Buffer.alloc(0);
    socket.on("data", (bytes: Buffer) => {
      rest = Buffer.concat([rest, bytes]);
      while (rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE(0)) {
        const question = rest.subarray(2, 2 + rest.readUInt16BE(0));
        rest = rest.subarray(2 + question.length);
        this.#answer(question, "tcp", (answers) => {
          for (const answer of answers) {
            const length = Buffer.alloc(2);
            length.writeUInt16BE(answer.length);
            if (this.mood === "cut") socket.end(Buffer.concat([length, answer.subarray(0, 20)]));
            // In two pieces, as the network may deliver it.
            else {
              socket.write(Buffer.concat([length, answer.subarray(0, 7)]));
              socket.write(answer.subarray(7));
            }
          }
        });
      }
    });
  }

  #answer(bytes: Buffer, transport: "udp" | "tcp", send: (answers: readonly Buffer[]) => void): void {
    const { questions = [], additionals = [] } = decode(bytes);
    const [question] = questions;
    if (!question) return;
    this.asked.push(`${question.name} ${question.type} ${transport}`);
    const hasEdns = additionals.some((each) => each.type === "OPT");
    const answer = (): void => send(this.#reply(bytes, transport, hasEdns));
    if (this.mood === "silent") this.#parked.push(answer);
    else answer();
  }

  #reply(bytes: Buffer, transport: "udp" | "tcp", hasEdns: boolean): readonly Buffer[] {
    const { id = 0, questions = [] } = decode(bytes);
    const name = questions[0]?.name.toLowerCase() ?? "";
    const respond = (rcode: number, more: object = {}, flags = 0): Buffer =>
      encode({ type: "response", id, flags: AUTHORITATIVE_ANSWER | flags | rcode, questions, ...more });
    if (this.refusesEdns && hasEdns) return [encode({ type: "response", id, flags: RCODE.FORMERR, questions: [] })];
    if (this.mood === "servfail") return [respond(RCODE.SERVFAIL)];
    if (this.mood === "refused") return [respond(RCODE.REFUSED)];
    if (this.mood === "garbage") return [respond(0, { answers: this.#records(name, "SRV") }).subarray(0, 40)];
    const answers = this.#records(name, questions[0]?.type ?? "");
    const soa = { mname: "ns.test", rname: "root.test", serial: 1, refresh: 1, retry: 1, expire: 1 };
    const nothing = { type: "SOA", name: "test", ttl: 600, data: { ...soa, minimum: this.negativeTtl } } as const;
    if (answers.length === 0) {
      const isKnown = this.services.has(name) || this.hosts.has(name);
      return [respond(isKnown ? RCODE.NOERROR : RCODE.NXDOMAIN, { authorities: [nothing] })];
    }
    const isCut = transport === "udp" && answers.length > this.udpRecords;
    const sent = isCut ? answers.slice(0, this.udpRecords) : answers;
    const additionals = this.withAdditionals && !isCut ? this.#additionals(sent) : [];
    const truth = respond(RCODE.NOERROR, { answers: sent, additionals }, isCut ? TRUNCATED_RESPONSE : 0);
    return [...(transport === "udp" ? this.forged.map((forge) => forge(Buffer.from(truth))) : []), truth];
  }

  #records(asked: string, type: string): Answer[] {
    const { ttl } = this;
    const alias = this.aliases.get(asked);
    const name = alias ?? asked;
    const cname: Answer[] = alias === undefined ? [] : [{ type: "CNAME", name: asked, ttl, data: alias }];
    if (type === "SRV") {
      const records = (this.services.get(name) ?? []).map(({ priority = 0, weight = 0, port, target }): Answer => {
        return { type: "SRV", name, ttl, data: { priority, weight, port, target } };
      });
      return [...cname, ...records];
    }
    if (type !== "A" && type !== "AAAA") return cname;
    const family = (this.hosts.get(name) ?? []).filter((address) => address.includes(":") === (type === "AAAA"));
    return [...cname, ...family.map((data): Answer => ({ type, name, ttl, data }))];
  }

  #additionals(answers: readonly Answer[]): Answer[] {
    const targets = answers.flatMap((each) => (each.type === "SRV" ? [each.data.target] : []));
    return [...new Set(targets)].flatMap((target) => this.#records(target.toLowerCase(), "A"));
  }
}
