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
  readonly #json: Buffer;
  readonly #members: Members;
  readonly #edits: Edit[] = [];
  #inserted = 0;

  /**
   * @param json - UTF-8
   * @param value - what `JSON.parse` makes of it; an object
   * @throws AmbiguousJsonError when a member appears twice
   */
  constructor(json: Buffer, readonly value: Record<string, unknown>) {
    this.#json = json;
    this.#members = membersOf(json)!;
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
    const member = this.#members.byName.get(name);
    if (rest.length === 1) {
      this.#put(this.#members, member, name, rest[0]);
      return;
    }
    const [inner, value] = rest;
    const within = member && membersOf(this.#json, member.valueStart);
    if (within) {
      this.#put(within, within.byName.get(inner), inner, value);
    } else {
      this.#put(this.#members, member, name, { [inner]: value });
    }
  }

  /** The document with everything that was set. */
  bytes(): Buffer {
    if (this.#edits.length === 0) {
      return this.#json;
    }
    const parts: Buffer[] = [];
    let at = 0;
    for (const { start, end, bytes } of this.#edits.sort(
      (a, b) => a.start - b.start,
    )) {
      parts.push(this.#json.subarray(at, start), bytes);
      at = end;
    }
    parts.push(this.#json.subarray(at));
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
    const isFirst =
      byName.size === 0 && (end !== this.#members.end || this.#inserted === 0);
    this.#inserted += end === this.#members.end ? 1 : 0;
    this.#edits.push({
      start: end,
      end,
      bytes: Buffer.from(
        `${isFirst ? '' : ','}${JSON.stringify(name)}:${text}`,
      ),
    });
  }
}
