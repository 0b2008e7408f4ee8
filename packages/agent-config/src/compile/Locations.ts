/** A path of keys in a configuration. */
export type KeyPath = ReadonlyArray<string | number>;

/** A line of a source file. */
export interface Location {
  file: string;
  line: number;
}

/** Tells from which line of which file a part of a compiled configuration came. */
export class Locations {
  readonly #parts: Array<{
    prefix: KeyPath;
    locate: (rest: KeyPath) => Location;
  }> = [];

  /**
   * @param prefix - of all that came from the file
   * @param locate - gets the path below it
   */
  add(prefix: KeyPath, locate: (rest: KeyPath) => Location): void {
    this.#parts.push({ prefix, locate });
  }

  /** Where a part came from; line 1 of no file for what came from none. */
  of(path: KeyPath): Location {
    const [nearest] = this.#parts
      .filter(({ prefix }) => prefix.every((key, index) => key === path[index]))
      .sort((a, b) => b.prefix.length - a.prefix.length);
    return (
      nearest?.locate(path.slice(nearest.prefix.length)) ?? {
        file: '',
        line: 1,
      }
    );
  }
}
