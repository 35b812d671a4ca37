/** Who may send context: callers whose address lies in one of the given networks. */
import { BlockList, isIP } from "node:net";

export class Trust {
  readonly #all: boolean;
  readonly #networks: BlockList | undefined;
  #lastAddress = "";
  #lastVerdict = false;

  /** Throws a RangeError for what is neither an address nor a network. */
  constructor(who: "all" | "none" | readonly string[]) {
    this.#all = who === "all";
    this.#networks = typeof who === "string" || who.length === 0 ? undefined : networks(who);
  }

  /** A connection asks for each of its requests, so the last answer is kept. */
  trusts(address: string): boolean {
    if (this.#networks === undefined) return this.#all;
    if (address === this.#lastAddress) return this.#lastVerdict;
    this.#lastAddress = address;
    this.#lastVerdict = this.#check(address);
    return this.#lastVerdict;
  }

  #check(address: string): boolean {
    // A dual-stack socket shows IPv4 callers as mapped addresses.
    const plain = address.startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address;
    const version = isIP(plain);
    return version !== 0 && this.#networks?.check(plain, version === 4 ? "ipv4" : "ipv6") === true;
  }
}

function networks(who: readonly string[]): BlockList {
  const list = new BlockList();
  for (const each of who) {
    const [address = "", bits] = each.split("/");
    const version = isIP(address);
    if (version === 0) throw new RangeError(`${each} is not an address or a network`);
    const family = version === 4 ? "ipv4" : "ipv6";
    const prefix = bits === undefined || bits === "" ? (version === 4 ? 32 : 128) : Number(bits);
    list.addSubnet(address, prefix, family);
  }
  return list;
}
