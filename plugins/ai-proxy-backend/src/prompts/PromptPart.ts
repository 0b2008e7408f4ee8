/** A part of a prompt. */
export class PromptPart {
  /** Of which it is an element. */
  readonly list: string | undefined;
  /** Which it is as a whole. */
  readonly member: string | undefined;
  readonly value: unknown;
  /** In the prompt's bytes; with the name of a member. The end is exclusive. */
  readonly start: number;
  readonly end: number;
  /** The same for whatever has the same bytes at the same place in a prompt. */
  readonly digest: string | undefined;

  constructor(options: {
    list?: string;
    member?: string;
    value: unknown;
    start: number;
    end: number;
    digest?: string;
  }) {
    this.list = options.list;
    this.member = options.member;
    this.value = options.value;
    this.start = options.start;
    this.end = options.end;
    this.digest = options.digest;
  }

  /** A prompt that has nothing but this part. */
  asObject(): object {
    if (this.list !== undefined) {
      return { [this.list]: [this.value] };
    }
    return this.member === undefined
      ? (this.value as object)
      : { [this.member]: this.value };
  }

  /**
   * What has to stand at its place.
   *
   * @param changed - another value for `asObject`
   */
  jsonOf(changed: object): string {
    if (this.list !== undefined) {
      const [[element]] = Object.values(changed);
      return JSON.stringify(element);
    }
    const json = JSON.stringify(changed);
    return this.member === undefined ? json : json.slice(1, -1);
  }
}
