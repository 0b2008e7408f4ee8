import { Members, membersOf } from './members';

/** A JSON object as it was written: its bytes, and what they say. */
export class JsonText {
  readonly members: Members;

  /**
   * @param bytes - UTF-8
   * @param value - what `JSON.parse` makes of them; an object
   * @throws AmbiguousJsonError when a member appears twice
   */
  constructor(readonly bytes: Buffer, readonly value: Record<string, unknown>) {
    this.members = membersOf(bytes)!;
  }
}
