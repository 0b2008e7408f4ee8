import type { LoggerService } from '@backstage/backend-plugin-api';
import { keyIdOf, type SecretBox } from './SecretBox';

/**
 * Opens what can be made again without anybody's help, such as sessions and
 * signing keys: one that does not open, because its key is gone or not here yet,
 * counts as absent. Not for what only a person can give again.
 */
export class ReplaceableSecrets {
  readonly #box: Pick<SecretBox, 'open'>;
  readonly #logger: LoggerService;
  readonly #what: string;
  readonly #said = new Set<string>();

  /** @param options.what - what is opened, in the plural, for the log */
  constructor(options: {
    box: Pick<SecretBox, 'open'>;
    logger: LoggerService;
    what: string;
  }) {
    this.#box = options.box;
    this.#logger = options.logger;
    this.#what = options.what;
  }

  /** @returns undefined when it does not open, which is logged once for each key */
  open(sealed: string, context: string): string | undefined {
    try {
      return this.#box.open(sealed, context);
    } catch (error) {
      const keyId = keyIdOf(sealed);
      if (!this.#said.has(keyId)) {
        this.#said.add(keyId);
        this.#logger.warn(
          `Some ${
            this.#what
          } that were encrypted with the key "${keyId}" cannot be opened and are made anew; this is said once: ${error}`,
        );
      }
      return undefined;
    }
  }
}
