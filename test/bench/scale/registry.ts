/** A registry that holds many names, as the scale bench writes it. */

/** How a daemon reads it. */
export interface ReadFrom {
  /** One line of `namers:` for a namer under `/r`. */
  readonly namer: string;
  /** What services are behind, such as `/#/r`. */
  readonly base: string;
}

/** Disposing ends it. */
export interface ScaleRegistry extends ReadFrom, AsyncDisposable {
  /** The service has exactly these addresses, from this moment on; instances of the same number keep their id. */
  put(service: string, hosts: readonly string[], port: number): void;
  /** One more instance, or another address of one. */
  set(service: string, n: number, host: string, port: number): void;
}

/** What is asked of the process that it runs in; `settled` is answered. */
export type RegistryOrder =
  | { readonly put: string; readonly hosts: readonly string[]; readonly port: number }
  | { readonly set: string; readonly n: number; readonly host: string; readonly port: number }
  | { readonly settled: number };
