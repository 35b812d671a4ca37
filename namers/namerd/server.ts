/** Where namerd is, and how it is asked: at one of the addresses that `dst` is bound to, at another one after a failure. */
import {
  addressKey,
  type AddressSet,
  type ClientTlsConfig,
  type HttpAnswer,
  type HttpClient,
  httpTlsOf,
  type InterpreterContext,
  leaves,
  type Path,
  type State,
  untilAborted,
  Var,
} from "linkspan/plugin";

/** Each watch takes a connection for itself. */
const MOST_CONNECTIONS = 8_192;
/** How long a question may wait until it is known where namerd is. */
const LOCATE_MS = 5_000;

export interface NamerdPlace {
  readonly dst: Path;
  readonly tls: ClientTlsConfig | undefined;
}

export interface NamerdQuestion {
  /** With its query. */
  readonly path: string;
  readonly signal: AbortSignal;
  readonly headTimeoutMs?: number;
  readonly idleTimeoutMs?: number;
  /** Asked on a connection that nothing was asked on before. */
  readonly isFresh?: boolean;
}

export class NamerdServer implements AsyncDisposable {
  readonly #place: NamerdPlace;
  readonly #context: Pick<InterpreterContext, "bind" | "clock" | "http" | "baseDir">;
  readonly #clients = new Map<string, HttpClient>();
  readonly #waiting = new Set<() => void>();
  #observing: Disposable | undefined;
  #addresses: AddressSet["addresses"] = [];
  #cause: Error | undefined;
  #at = 0;
  #isClosed = false;

  constructor(place: NamerdPlace, context: Pick<InterpreterContext, "bind" | "clock" | "http" | "baseDir">) {
    this.#place = place;
    this.#context = context;
  }

  /** Rejects with an Error that says whom it asked, and for every answer but a 200. */
  async ask({ isFresh = false, ...request }: NamerdQuestion): Promise<HttpAnswer> {
    const { key, client } = await this.#client(request.signal, isFresh);
    try {
      const answer = await client.request(request);
      if (answer.status === 200) return isFresh ? closing(answer, client) : answer;
      using refused = answer;
      const text = (await refused.text(4_096)).replace(/\s+/g, " ").trim();
      throw new Error(`namerd at ${key} answered ${answer.status} (${text.slice(0, 200) || "no reason given"})`);
    } catch (error) {
      if (isFresh) void client[Symbol.asyncDispose]();
      if (!request.signal.aborted) this.#failed(key);
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#observing?.[Symbol.dispose]();
    for (const wait of this.#waiting) wait();
    await Promise.all([...this.#clients.values()].map((client) => client[Symbol.asyncDispose]()));
  }

  async #client(signal: AbortSignal, isFresh: boolean): Promise<{ readonly key: string; readonly client: HttpClient }> {
    this.#locate();
    if (this.#addresses.length === 0) await this.#located(signal);
    signal.throwIfAborted();
    const address = this.#addresses[this.#at % this.#addresses.length];
    if (address === undefined || this.#isClosed) {
      throw new Error(
        `it is not known where namerd is: ${this.#cause?.message ?? `${this.#place.dst.show} has no address`}`,
      );
    }
    const key = addressKey(address);
    const known = isFresh ? undefined : this.#clients.get(key);
    if (known) return { key, client: known };
    const { host, port } = address;
    const { http, baseDir } = this.#context;
    const maxConnections = isFresh ? 1 : MOST_CONNECTIONS;
    const client = http.open({ host, port, maxConnections, ...httpTlsOf(this.#place.tls, baseDir) });
    if (!isFresh) this.#clients.set(key, client);
    return { key, client };
  }

  /** From the first question on. */
  #locate(): void {
    if (this.#observing || this.#isClosed) return;
    const nowhere = Var.of<AddressSet | undefined>(undefined);
    this.#observing = this.#context
      .bind(this.#place.dst)
      .flatMap((tree) => leaves(tree)[0]?.addresses.map<AddressSet | undefined>((set) => set) ?? nowhere)
      .observe((state) => this.#heard(state));
  }

  /** Whoever has no address any more is asked until there is another. */
  #heard(state: State<AddressSet | undefined>): void {
    if (state.tag === "failed") this.#cause = state.cause;
    else if (state.tag === "ok" && state.value && state.value.addresses.length > 0) {
      this.#addresses = state.value.addresses;
      this.#leaveOthers();
    } else if (state.tag === "pending") return;
    for (const wait of this.#waiting) wait();
  }

  #leaveOthers(): void {
    const keys = new Set(this.#addresses.map(addressKey));
    for (const [key, client] of this.#clients) {
      if (keys.has(key)) continue;
      this.#clients.delete(key);
      void client[Symbol.asyncDispose]();
    }
  }

  async #located(signal: AbortSignal): Promise<void> {
    if (this.#cause !== undefined || this.#isClosed) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    using _ = this.#context.clock.timer(LOCATE_MS, resolve);
    this.#waiting.add(resolve);
    await untilAborted(promise, signal).finally(() => this.#waiting.delete(resolve));
  }

  /** The next question is for another one, unless somebody has found that out already. */
  #failed(key: string): void {
    const address = this.#addresses[this.#at % this.#addresses.length];
    if (address && addressKey(address) === key) this.#at++;
  }
}

/** The client is for this one answer. */
function closing(answer: HttpAnswer, client: HttpClient): HttpAnswer {
  return {
    status: answer.status,
    headers: answer.headers,
    isProbed: answer.isProbed,
    body: answer.body,
    text: (maxBytes) => answer.text(maxBytes),
    [Symbol.dispose]: () => {
      answer[Symbol.dispose]();
      void client[Symbol.asyncDispose]();
    },
  };
}
