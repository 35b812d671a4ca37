/** A registry that holds many names, as the scale bench writes it. */

/** Disposing ends it. */
export interface ScaleRegistry extends AsyncDisposable {
  readonly name: string;
  /** One line of `namers:` for a namer under `/r`. */
  readonly namer: string;
  /** What services are behind, such as `/#/r`. */
  readonly base: string;
  /** The service has exactly these addresses, from this moment on; instances of the same number keep their id. */
  put(service: string, hosts: readonly string[], port: number): void;
  /** One more instance, or another address of one. */
  set(service: string, n: number, host: string, port: number): void;
}
