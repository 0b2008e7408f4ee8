import { NotFoundError } from '@backstage/errors';
import type { CallerCatalog } from '../catalog/CallerCatalog';
import { textOf } from '../catalog/entities';
import { ApiDefinition, parseDefinition } from '../definitions';

/** Parsed definitions kept; the largest ones take some 50 MB each. */
const KEPT = 20;

/** Parses the definitions of API entities, keeping the ones used last. */
export class ApiDefinitions {
  readonly #parsed = new Map<string, Promise<ApiDefinition>>();

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
    const parsed = this.#parsed.get(key) ?? parseDefinition({ type, text });
    this.#parsed.delete(key);
    this.#parsed.set(key, parsed);
    if (this.#parsed.size > KEPT) {
      this.#parsed.delete(this.#parsed.keys().next().value!);
    }
    return parsed;
  }
}
