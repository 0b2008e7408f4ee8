import { hash } from 'node:crypto';
import { elementsOf, JsonText } from '../json';
import { PromptPart } from './PromptPart';

/** Lists to which each turn of a conversation adds, in the APIs there are. */
const CONVERSATIONS = new Set(['messages', 'input', 'contents']);

/**
 * What a model is asked. It consists of parts, because a conversation is sent
 * again with each turn: what was found out about a part is remembered by its
 * digest, so that only the new ones take time.
 */
export class Prompt {
  #parts: PromptPart[] | undefined;

  constructor(readonly text: JsonText) {}

  /** Elements of conversations, and all other members. */
  get parts(): readonly PromptPart[] {
    this.#parts ??= partsOf(this.text);
    return this.#parts;
  }

  /** All of it as one part. */
  get whole(): PromptPart {
    const { bytes, value } = this.text;
    return new PromptPart({ value, start: 0, end: bytes.length });
  }

  /**
   * The prompt with other values for some of its parts. All other bytes stay.
   *
   * @param values - in the form of `asObject`
   */
  with(values: ReadonlyMap<PromptPart, object>): Prompt {
    const { bytes } = this.text;
    const pieces: Buffer[] = [];
    let at = 0;
    for (const [part, value] of values) {
      pieces.push(
        bytes.subarray(at, part.start),
        Buffer.from(part.jsonOf(value)),
      );
      at = part.end;
    }
    pieces.push(bytes.subarray(at));
    return promptOf(Buffer.concat(pieces));
  }
}

/**
 * Reads a prompt.
 *
 * @param bytes - an object as JSON
 * @throws AmbiguousJsonError when a member appears twice
 */
export function promptOf(bytes: Buffer): Prompt {
  return new Prompt(new JsonText(bytes, JSON.parse(bytes.toString('utf8'))));
}

function partsOf({ bytes, value, members }: JsonText): PromptPart[] {
  const parts: PromptPart[] = [];
  const digest = (start: number, end: number) =>
    hash('sha256', bytes.subarray(start, end), 'base64');
  for (const [member, { keyStart, valueStart, valueEnd }] of members.byName) {
    const whole = value[member];
    if (CONVERSATIONS.has(member) && Array.isArray(whole)) {
      let index = 0;
      for (const { start, end } of elementsOf(bytes, valueStart)) {
        parts.push(
          new PromptPart({
            list: member,
            value: whole[index++],
            start,
            end,
            digest: `${member} ${digest(start, end)}`,
          }),
        );
      }
    } else {
      parts.push(
        new PromptPart({
          member,
          value: whole,
          start: keyStart,
          end: valueEnd,
          digest: digest(keyStart, valueEnd),
        }),
      );
    }
  }
  return parts;
}
