/** Parameters in one segment; more would take long to tell apart. */
const MAX_PARAMETERS = 3;

/** One segment of a template: texts, with a parameter between each two. */
interface Segment {
  texts: string[];
  names: string[];
}

/** A template of paths as OpenAPI has it, such as `/repos/{owner}/{repo}`. */
export class PathTemplate {
  readonly names: string[];
  readonly #segments: Segment[];
  /** Whether the last parameter takes what is left of a path, slashes and all. */
  readonly #isOpen: boolean;

  /**
   * @param openParameter - name of a parameter that may have slashes; counts at the end only
   * @throws Error for what no path can be made of, or more than one
   */
  constructor(template: string, openParameter?: string) {
    if (
      !template.startsWith('/') ||
      template.length > 1_000 ||
      /[?#\\\s\p{Cc}\p{Cs}]/u.test(template)
    ) {
      throw new Error('is no path');
    }
    this.#segments = template.slice(1).split('/').map(segmentOf);
    this.names = this.#segments.flatMap(({ names }) => names);
    if (new Set(this.names).size < this.names.length) {
      throw new Error('has a parameter twice');
    }
    const last = this.#segments.at(-1)!;
    this.#isOpen =
      last.names.length === 1 &&
      last.names[0] === openParameter &&
      last.texts.every(text => !text);
  }

  /**
   * The parameters of a path that fits.
   *
   * @param segments - decoded
   * @param exactly - whether capital letters differ from small ones
   */
  match(
    segments: readonly string[],
    exactly: boolean,
  ): Record<string, string> | undefined {
    const count = this.#segments.length;
    if (this.#isOpen ? segments.length < count : segments.length !== count) {
      return undefined;
    }
    const parameters: Record<string, string> = Object.create(null);
    for (let index = 0; index < count; index++) {
      const isLast = index === count - 1;
      const text =
        isLast && this.#isOpen
          ? segments.slice(index).join('/')
          : segments[index];
      if (!matchSegment(this.#segments[index], text, exactly, parameters)) {
        return undefined;
      }
    }
    return parameters;
  }

  /** The path with these parameters. */
  fill(parameters: Record<string, string>): string {
    return this.#segments
      .map(({ texts, names }, index) => {
        const isOpen = this.#isOpen && index === this.#segments.length - 1;
        const encode = (value: string) =>
          isOpen
            ? value.split('/').map(encodeURIComponent).join('/')
            : encodeURIComponent(value);
        return `/${texts
          .map((text, at) =>
            at < names.length
              ? `${encodeURI(text)}${encode(parameters[names[at]])}`
              : encodeURI(text),
          )
          .join('')}`;
      })
      .join('');
  }

  /**
   * Whether every path of this one would fit another one as well, so that a path
   * that fits both means this one (OpenAPI: concrete before templated).
   */
  isMoreConcreteThan(other: PathTemplate): boolean {
    if (this.#isOpen && !other.#isOpen) {
      return false;
    }
    const differences = this.#segments
      .slice(0, other.#segments.length)
      .map((own, index) => weightOf(own) - weightOf(other.#segments[index]))
      // Of two without parameters.
      .map(difference => difference || 0);
    return (
      differences.every(difference => difference >= 0) &&
      (other.#isOpen !== this.#isOpen ||
        differences.some(difference => difference > 0))
    );
  }
}

/** Without parameters it is the most concrete, then with more text of its own. */
function weightOf({ texts, names }: Segment): number {
  return names.length ? texts.join('').length : Infinity;
}

function segmentOf(template: string): Segment {
  const parts = template.split(/\{([^{}]+)\}/);
  const texts = parts.filter((_, index) => index % 2 === 0);
  const names = parts.filter((_, index) => index % 2 === 1);
  if (texts.some(text => /[{}]/.test(text))) {
    throw new Error('has a brace that does not close');
  }
  if (names.length > MAX_PARAMETERS) {
    throw new Error('has too many parameters in one segment');
  }
  if (names.includes('__proto__')) {
    throw new Error('has a parameter that cannot be named');
  }
  if (texts.slice(1, -1).some(text => !text)) {
    throw new Error('has parameters with nothing between them');
  }
  if (!names.length && /^\.{1,2}$/.test(texts[0])) {
    throw new Error('leads elsewhere');
  }
  return { texts, names };
}

/** Each parameter takes as little as it can, and at least one character. */
function matchSegment(
  { texts, names }: Segment,
  segment: string,
  exactly: boolean,
  parameters: Record<string, string>,
): boolean {
  const fold = (text: string) => (exactly ? text : text.toLowerCase());
  const folded = fold(segment);
  if (!names.length) {
    return folded === fold(texts[0]);
  }
  const first = fold(texts[0]);
  const last = fold(texts[names.length]);
  if (!folded.startsWith(first) || !folded.endsWith(last)) {
    return false;
  }
  let from = first.length;
  const end = segment.length - last.length;
  for (let index = 0; index < names.length; index++) {
    const to =
      index === names.length - 1
        ? end
        : folded.indexOf(fold(texts[index + 1]), from + 1);
    if (to <= from || to > end) {
      return false;
    }
    parameters[names[index]] = segment.slice(from, to);
    from = to + texts[index + 1].length;
  }
  return true;
}
