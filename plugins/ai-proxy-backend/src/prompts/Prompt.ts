import { hash } from 'node:crypto';
import { elementsOf, JsonText } from '../json';
import { RefusedError } from '../wire';
import { PromptPart } from './PromptPart';

/** Lists to which each turn of a conversation adds, in the APIs there are. */
const CONVERSATIONS = new Set(['messages', 'input', 'contents']);

/** Each part takes time and memory. Longer lists are one part: tokens, for instance. */
const MAX_ELEMENTS = 4_096;

/** More than any API has. */
const MAX_MEMBERS = 1_000;

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
  const count = members.byName.size;
  if (count > MAX_MEMBERS) {
    throw new RefusedError({
      status: 400,
      reason: 'invalid_json',
      message: `The request has ${count} members; ${MAX_MEMBERS} are the most`,
    });
  }
  const parts: PromptPart[] = [];
  const digest = (start: number, end: number) =>
    hash('sha256', bytes.subarray(start, end), 'base64');
  for (const [member, { keyStart, valueStart, valueEnd }] of members.byName) {
    const whole = value[member];
    if (
      CONVERSATIONS.has(member) &&
      Array.isArray(whole) &&
      whole.length <= MAX_ELEMENTS
    ) {
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
