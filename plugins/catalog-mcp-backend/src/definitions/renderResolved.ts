import type { JsonValue } from '@backstage/types';
import { KeyCache } from './jsonSize';
import type { DocumentObject } from './parseDocument';
import { RenderAttempt } from './renderAttempt';
import { RENDER_ATTEMPTS } from './renderLimits';

/**
 * What of a document was shown.
 */
export interface RenderedValue {
  value: JsonValue;
  /** Says what was cut, and how to get it; `undefined` when nothing was. */
  truncated?: string;
}

/**
 * Turns part of a document into JSON with its local references resolved, in at most `MAX_DETAIL_CHARACTERS`.
 *
 * - A resolved reference becomes its target, plus `"x-ref"` with the reference.
 * - A reference to what is being shown already becomes `{"$ref": …, "cycle": true}`; one that leads nowhere
 *   `{"$ref": …, "unresolved": true}`; one to another document stays as it is.
 * - What does not fit becomes `{"$ref": …, "omitted": true}`, from the deepest level upwards, where `$ref` is its pointer even if the
 *   document has it inline. Of a long list the beginning stays, and the rest is counted in `entries`.
 * - Examples are dropped unless they are small.
 *
 * @param document - The document that references point into.
 * @param value - What to show: plain JSON whose leaves may be `LocatedValue`s of the document.
 */
export function renderResolved(
  document: DocumentObject,
  value: unknown,
): RenderedValue {
  const keys = new KeyCache();
  for (const limits of RENDER_ATTEMPTS) {
    const attempt = new RenderAttempt(document, limits, keys);
    const rendered = attempt.render(value);
    if (attempt.fits) {
      return { value: rendered, truncated: attempt.explainCuts() };
    }
  }
  return {
    value: { omitted: true },
    truncated: 'Nothing of this fits into an answer',
  };
}
