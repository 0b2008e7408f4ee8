import type { JsonText } from './JsonText';
import { Member, Members, membersOf } from './members';

interface Edit {
  start: number;
  end: number;
  bytes: Buffer;
}

/**
 * A JSON object whose members can be set while all other bytes stay as they
 * were written: numbers keep their digits, and prompt caches their prefix.
 */
export class JsonDocument {
  readonly #text: JsonText;
  readonly #edits: Edit[] = [];
  #inserted = 0;

  constructor(text: JsonText) {
    this.#text = text;
  }

  /** As it was written. */
  get value(): Record<string, unknown> {
    return this.#text.value;
  }

  /**
   * Sets a member, or a member of a member: `set('metadata', 'user_id', id)`.
   *
   * @param path - one or two names, then the value
   * @throws AmbiguousJsonError when a member of the member appears twice
   */
  set(...path: [name: string, value: unknown]): void;
  set(...path: [name: string, inner: string, value: unknown]): void;
  set(name: string, ...rest: [unknown] | [string, unknown]): void {
    const { bytes, members } = this.#text;
    const member = members.byName.get(name);
    if (rest.length === 1) {
      this.#put(members, member, name, rest[0]);
      return;
    }
    const [inner, value] = rest;
    const within = member && membersOf(bytes, member.valueStart);
    if (within) {
      this.#put(within, within.byName.get(inner), inner, value);
    } else {
      this.#put(members, member, name, { [inner]: value });
    }
  }

  /** The document with everything that was set. */
  bytes(): Buffer {
    const json = this.#text.bytes;
    if (this.#edits.length === 0) {
      return json;
    }
    const parts: Buffer[] = [];
    let at = 0;
    for (const { start, end, bytes } of this.#edits.sort(
      (a, b) => a.start - b.start,
    )) {
      parts.push(json.subarray(at, start), bytes);
      at = end;
    }
    parts.push(json.subarray(at));
    return Buffer.concat(parts);
  }

  #put(
    { byName, end }: Members,
    member: Member | undefined,
    name: string,
    value: unknown,
  ): void {
    const text = JSON.stringify(value);
    if (member) {
      this.#edits.push({
        start: member.valueStart,
        end: member.valueEnd,
        bytes: Buffer.from(text),
      });
      return;
    }
    const isOuter = end === this.#text.members.end;
    const isFirst = byName.size === 0 && (!isOuter || this.#inserted === 0);
    this.#inserted += isOuter ? 1 : 0;
    this.#edits.push({
      start: end,
      end,
      bytes: Buffer.from(
        `${isFirst ? '' : ','}${JSON.stringify(name)}:${text}`,
      ),
    });
  }
}
