import { InputError } from '@backstage/errors';

/** How long connections may last. */
export class Lifetimes {
  readonly #seconds: number[];
  readonly #defaultSeconds: number;

  /** @param options.seconds - what users choose from, ascending */
  constructor(options: { seconds: number[]; defaultSeconds: number }) {
    this.#seconds = options.seconds;
    this.#defaultSeconds = options.defaultSeconds;
  }

  choices(): { lifetimesSeconds: number[]; defaultLifetimeSeconds: number } {
    return {
      lifetimesSeconds: this.#seconds,
      defaultLifetimeSeconds: this.#defaultSeconds,
    };
  }

  /** @throws InputError when it is longer than the longest to choose from */
  checked(seconds: number): number {
    const longest = this.#seconds.at(-1)!;
    if (!(seconds > 0) || seconds > longest) {
      throw new InputError(
        `A connection lasts at most ${longest} seconds; ${seconds} were asked for`,
      );
    }
    return Math.floor(seconds);
  }
}
