/** Where a dtab lies that is not in the configuration: a file, a key of a registry. */

/** One answer. `text` is undefined where there is no such file or key. */
export interface DtabReading {
  readonly text: string | undefined;
  /** What the source calls this version. */
  readonly revision?: string;
}

export interface DtabListener {
  heard(reading: DtabReading): void;
  /** It could not be asked, or what it said is no text: the last dtab stays, stale. */
  failed(cause: Error): void;
}

/** What it opened is closed after it is followed for the last time, by whoever interprets it. */
export interface DtabSource extends Partial<AsyncDisposable> {
  /** For people: what a place in it is told by, `routes.dtab` of `routes.dtab:7`. */
  readonly place: string;
  /** Tells every full answer and every failure, until what it returns is disposed. */
  follow(listener: DtabListener): Disposable;
  /** The second look at a dtab that was emptied, on a connection newer than the question. Rejects when it cannot. */
  confirm(signal: AbortSignal): Promise<DtabReading>;
}
