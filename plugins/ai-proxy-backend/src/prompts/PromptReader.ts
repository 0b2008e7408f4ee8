import { checkNames, JsonText } from '../json';
import { PartMemory } from './PartMemory';
import { Prompt } from './Prompt';

/** Reads prompts, and refuses those that a provider might read in another way. */
export class PromptReader {
  readonly #checked = new PartMemory<true>();

  /**
   * Reads a prompt.
   *
   * @param bytes - an object as JSON, in UTF-8
   * @param value - what `JSON.parse` makes of it
   * @throws AmbiguousJsonError when a name appears twice in an object, however deep
   */
  read(bytes: Buffer, value: Record<string, unknown>): Prompt {
    const prompt = new Prompt(new JsonText(bytes, value));
    for (const part of prompt.parts) {
      if (!this.#checked.find(part)) {
        checkNames(bytes, part);
        this.#checked.remember(part, true);
      }
    }
    return prompt;
  }
}
