/** A body that goes on as it comes while a copy of it is made, if it is small enough. */
import type { Failure } from "../base/failure.ts";
import type { BodySource } from "./body.ts";
import type { Headers } from "./headers.ts";
import { PassedBody } from "./passed-body.ts";

/** Hears of the copy, once. */
export interface CopyListener {
  /** All of the body has come. */
  copied(bytes: Uint8Array): void;
  /** There is none: the body is too large, has trailers, or broke off. */
  notCopied(): void;
}

/** The copy is that of the first attempt that takes the body to its end. */
export class CopiedBody extends PassedBody {
  readonly #limit: number;
  #listener: CopyListener | undefined;
  #chunks: Buffer[] = [];
  #size = 0;

  constructor(source: BodySource, limit: number, listener: CopyListener) {
    super(source);
    this.#limit = limit;
    this.#listener = listener;
  }

  /** Where the source cannot be rewound, no second attempt takes it. */
  rewind(): void {
    this.sink = undefined;
    this.#chunks = [];
    this.#size = 0;
    this.source.rewind?.();
  }

  override chunk(bytes: Uint8Array): boolean {
    if (this.#listener !== undefined) this.#keep(bytes);
    return super.chunk(bytes);
  }

  override end(trailers?: Headers): void {
    const listener = this.#listener;
    const copy = listener === undefined || trailers !== undefined ? undefined : Buffer.concat(this.#chunks);
    this.#forget();
    super.end(trailers);
    if (copy === undefined) listener?.notCopied();
    else listener?.copied(copy);
  }

  override fail(failure: Failure): void {
    this.giveUp();
    super.fail(failure);
  }

  /** No copy is wanted any more: nobody hears of one that is not there. */
  giveUp(): void {
    const listener = this.#listener;
    this.#forget();
    listener?.notCopied();
  }

  #keep(bytes: Uint8Array): void {
    this.#size += bytes.length;
    if (this.#size > this.#limit) this.giveUp();
    else this.#chunks.push(Buffer.from(bytes));
  }

  #forget(): void {
    this.#listener = undefined;
    this.#chunks = [];
  }
}
