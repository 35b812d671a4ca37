/** Writes objects to an API server: bounded in number and time, with back-off where the server has too much to do. */
import { Backoff, type Clock, type HttpAnswer, type Random, sleep, within } from "linkspan/plugin";
import type { ApiAccess } from "./api-access.ts";
import { ApiError, refusalOf } from "./api-error.ts";
import type { ApiPlace } from "./api-place.ts";
import { type ApiObject, fieldsOf } from "./json-fields.ts";
import { Turns } from "./turns.ts";

/** More at once would only wait in the API server. */
const WRITES_AT_ONCE = 16;
const MOST_TRIES = 6;
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;
/** Below what lies between a leader's last act and the first of its follower: see `lease-candidate.ts`. */
const ANSWER_MS = 4_000;
const MAX_OBJECT_BYTES = 8 * 1024 * 1024;
/** Too many requests, and what a server says that may do better next time. */
const PASSING: ReadonlySet<number> = new Set([429, 500, 502, 503, 504]);

export interface ApiWriterOptions {
  readonly access: ApiAccess;
  readonly clock: Clock;
  readonly random: Random;
}

/** For one request: who aborts it, and what has to hold before each try. */
export interface WriteTerms {
  readonly signal: AbortSignal;
  /** Throws where nothing may be written any more. */
  readonly check?: () => void;
}

export class ApiWriter {
  readonly #options: ApiWriterOptions;
  readonly #turns = new Turns(WRITES_AT_ONCE);

  constructor(options: ApiWriterOptions) {
    this.#options = options;
  }

  /** Rejects with an ApiError of 409 where such an object is there. Resolves with it as it stands. */
  create(place: ApiPlace, object: ApiObject, terms: WriteTerms): Promise<ApiObject> {
    return this.#send({ method: "POST", path: place.path, object, shown: place.shown }, terms);
  }

  /** Rejects with an ApiError of 409 where it was written to since the version that `object` names. */
  replace(place: ApiPlace, name: string, object: ApiObject, terms: WriteTerms): Promise<ApiObject> {
    return this.#send({ method: "PUT", path: pathOf(place, name), object, shown: place.shown }, terms);
  }

  /** It may be gone already. Rejects with an ApiError of 409 where it is another, or another version. */
  async delete(place: ApiPlace, name: string, preconditions: ApiObject, terms: WriteTerms): Promise<void> {
    const object = { kind: "DeleteOptions", apiVersion: "v1", preconditions };
    try {
      await this.#send({ method: "DELETE", path: pathOf(place, name), object, shown: place.shown }, terms);
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 404) throw error;
    }
  }

  /** `undefined` where there is none. */
  async read(place: ApiPlace, name: string, terms: WriteTerms): Promise<ApiObject | undefined> {
    try {
      return await this.#once({ method: "GET", path: pathOf(place, name), shown: place.shown }, terms);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    }
  }

  /** One try, in no line: for what is worth nothing later. */
  async put(place: ApiPlace, name: string | undefined, object: ApiObject, terms: WriteTerms): Promise<ApiObject> {
    const path = name === undefined ? place.path : pathOf(place, name);
    return this.#once({ method: name === undefined ? "POST" : "PUT", path, object, shown: place.shown }, terms);
  }

  #send(sent: Sent, terms: WriteTerms): Promise<ApiObject> {
    return this.#turns.pass(() => this.#tryOften(sent, terms), terms.signal);
  }

  async #tryOften(sent: Sent, terms: WriteTerms): Promise<ApiObject> {
    const { clock, random } = this.#options;
    const backoff = new Backoff(FIRST_WAIT_MS, LONGEST_WAIT_MS, random);
    for (let tries = 1; ; tries++) {
      try {
        terms.check?.();
        return await this.#once(sent, terms);
      } catch (error) {
        const isFinal = error instanceof ApiError && !PASSING.has(error.status);
        if (isFinal || error instanceof WriteForbidden || tries >= MOST_TRIES || terms.signal.aborted) throw error;
        const asked = error instanceof ApiError ? (error.retryAfterMs ?? 0) : 0;
        await sleep(clock, Math.max(backoff.next(), asked), terms.signal);
      }
    }
  }

  #once({ method, path, object, shown }: Sent, { signal }: WriteTerms): Promise<ApiObject> {
    const { access, clock } = this.#options;
    const what = `${access.shown} does not ${VERBS[method]} ${shown}`;
    const late = `${what}: not within ${ANSWER_MS} ms`;
    return within({ clock, ms: ANSWER_MS, late, signal }, async (stop) => {
      const headers = { accept: "application/json", ...(object ? { "content-type": "application/json" } : {}) };
      const body = object ? { body: JSON.stringify(object) } : {};
      using answer = await access.request({ method, path, headers, ...body, signal: stop, headTimeoutMs: ANSWER_MS });
      if (answer.status >= 300) throw await refusalOf(what, answer);
      return await objectIn(answer, what);
    });
  }
}

/** What a `check` throws: another try would end as this one. */
export class WriteForbidden extends Error {
  override readonly name = "WriteForbidden";
  /** Whether it is somebody else's to write; otherwise it is not known whose. */
  readonly isAnothers: boolean;

  constructor(message: string, isAnothers: boolean) {
    super(message);
    this.isAnothers = isAnothers;
  }
}

interface Sent {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly object?: ApiObject;
  readonly shown: string;
}

const VERBS: Readonly<Record<Sent["method"], string>> = {
  GET: "give one of the",
  POST: "take one of the",
  PUT: "change one of the",
  DELETE: "delete one of the",
};

const pathOf = (place: ApiPlace, name: string): string => `${place.path}/${encodeURIComponent(name)}`;

async function objectIn(answer: HttpAnswer, what: string): Promise<ApiObject> {
  const text = await answer.text(MAX_OBJECT_BYTES);
  try {
    return fieldsOf(JSON.parse(text));
  } catch (error) {
    throw new Error(`${what}: its answer is no JSON`, { cause: error });
  }
}
