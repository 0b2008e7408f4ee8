import { RefusedError, textOf } from '../wire';

/** More than the providers take. */
const MAX_ENTRIES = 100_000;

const MAX_CUSTOM_ID = 256;

/** Custom ids tell results apart: each may appear once. */
export class CustomIds {
  readonly #taken = new Set<string>();

  /** @throws RefusedError when it is none, or taken */
  take(value: unknown, place: string): string {
    const id = textOf(value);
    if (!id || id.length > MAX_CUSTOM_ID) {
      throw invalidBatch(
        `${place} has no "custom_id" of 1 to ${MAX_CUSTOM_ID} characters`,
      );
    }
    if (this.#taken.has(id)) {
      throw invalidBatch(`${place} has the "custom_id" of another: "${id}"`);
    }
    this.#taken.add(id);
    if (this.#taken.size > MAX_ENTRIES) {
      throw invalidBatch(
        `The batch has more than ${MAX_ENTRIES} requests. Send several batches`,
      );
    }
    return id;
  }
}

/** The refusal of a batch that is not as the API has it. */
export function invalidBatch(message: string): RefusedError {
  return new RefusedError({ status: 400, reason: 'invalid_batch', message });
}
