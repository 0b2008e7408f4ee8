/**
 * How much of a document one attempt at rendering shows.
 */
export interface RenderLimits {
  /** References followed, one inside the other. */
  references: number;
  /** Containers inside each other, references included. */
  depth: number;
  /** Entries of one list or object. */
  entries: number;
  /** Characters of one text. */
  textCharacters: number;
}

/** Also keeps the recursion away from the end of the stack: JSON may nest a million lists. */
const MAX_DEPTH = 64;

/**
 * From everything to nearly nothing. The first that fits the answer is used, so what is cut first is what is deepest: schemas reached
 * through many references, then schemas reached through any, then deep structure, then long lists.
 */
export const RENDER_ATTEMPTS: readonly RenderLimits[] = [
  {
    references: 16,
    depth: MAX_DEPTH,
    entries: Infinity,
    textCharacters: Infinity,
  },
  ...[16, 12, 9, 7, 6, 5, 4, 3, 2, 1, 0].map(references => ({
    references,
    depth: MAX_DEPTH,
    entries: 300,
    textCharacters: 2_000,
  })),
  ...[24, 16, 12, 10, 9, 8, 7, 6, 5].map(depth => ({
    references: 0,
    depth,
    entries: 300,
    textCharacters: 1_000,
  })),
  ...[100, 50, 20, 10].map(entries => ({
    references: 0,
    depth: 4,
    entries,
    textCharacters: 300,
  })),
  { references: 0, depth: 1, entries: 10, textCharacters: 100 },
];
