import { NotFoundError } from '@backstage/errors';
import type { CallerCatalog } from '../catalog/CallerCatalog';
import { textOf } from '../catalog/entities';
import { ApiDefinition, parseDefinition } from '../definitions';

/** Characters of the definitions that are kept parsed, which takes some ten times the memory. */
const KEPT_CHARACTERS = 20_000_000;

/** Parses the definitions of API entities, keeping the ones used last. */
export class ApiDefinitions {
  readonly #kept = new Map<
    string,
    { parsed: Promise<ApiDefinition>; characters: number }
  >();
  #characters = 0;

  /**
   * @param ref - an API entity
   * @throws NotFoundError when the entity has no definition
   * @throws InputError when the definition is invalid, too large, or of a type
   *   that is not understood
   */
  async of(ref: string, caller: CallerCatalog): Promise<ApiDefinition> {
    const entity = await caller.wholeEntity(ref);
    const type = textOf(entity?.spec?.type) ?? '';
    const text = textOf(entity?.spec?.definition);
    if (!text) {
      throw new NotFoundError(
        `${ref} (type ${type || 'unknown'}) has no definition in the catalog`,
      );
    }
    const key = `${ref} ${entity?.metadata.etag}`;
    const known = this.#kept.get(key);
    if (known) {
      // The one used last is the last to be dropped.
      this.#kept.delete(key);
      this.#kept.set(key, known);
      return known.parsed;
    }
    const parsed = parseDefinition({ type, text });
    this.#kept.set(key, { parsed, characters: text.length });
    this.#characters += text.length;
    for (const [oldest, { characters }] of this.#kept) {
      if (this.#characters <= KEPT_CHARACTERS) {
        break;
      }
      this.#kept.delete(oldest);
      this.#characters -= characters;
    }
    return parsed;
  }
}
