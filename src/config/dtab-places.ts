/** Where the dentries of a router's dtab are written: looked up when somebody asks, since most never do. */

/** Lines and columns count from 1. */
export interface FilePlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export class DtabPlaces {
  readonly #find: () => readonly FilePlace[];
  #all: readonly FilePlace[] | undefined;

  constructor(find: () => readonly FilePlace[]) {
    this.#find = find;
  }

  /** In the order of the dentries; made once. */
  get all(): readonly FilePlace[] {
    this.#all ??= this.#find();
    return this.#all;
  }

  /** As people are shown them: `linkerd.yaml:7`. */
  get shown(): readonly string[] {
    return this.all.map(({ file, line }) => `${file}:${line}`);
  }

  equals(other: DtabPlaces): boolean {
    return (
      this.all.length === other.all.length &&
      this.all.every(({ file, line, column }, at) => {
        const there = other.all[at];
        return file === there?.file && line === there.line && column === there.column;
      })
    );
  }
}
