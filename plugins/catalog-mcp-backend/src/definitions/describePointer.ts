import { NotFoundError } from '@backstage/errors';
import { closest } from './closest';
import { MAX_ID_CHARACTERS } from './limits';
import { DocumentObject, objectOf, ownValue } from './parseDocument';
import {
  LocatedValue,
  pointerSegments,
  pointerTo,
  resolvePointer,
} from './pointer';
import { renderResolved } from './renderResolved';
import { clip, descriptionOf, lineOf } from './text';
import type { OperationDetail } from './types';

/** Ends the message about an unknown operation of a format whose documents pointers lead into. */
export const POINTER_ADVICE =
  'For a schema, ask for its pointer, for example "#/components/schemas/Name"';

/**
 * Whether somebody asks for a place in the document and not for an operation.
 */
export function isPointer(id: string): boolean {
  return id.startsWith('#');
}

/**
 * Describes what a JSON pointer such as "#/components/schemas/Refund" points at, by the same rules as an operation.
 *
 * @throws NotFoundError when it leads nowhere; names what the last place that exists does have.
 */
export function describePointer(
  document: DocumentObject,
  pointer: string,
): OperationDetail {
  const value =
    pointer.length <= MAX_ID_CHARACTERS
      ? resolvePointer(document, pointer)
      : undefined;
  if (value === undefined) {
    throw deadEnd(document, pointer);
  }
  const { value: detail, truncated } = renderResolved(
    document,
    new LocatedValue(value, pointer),
  );
  const fields = objectOf(value);
  const summary = lineOf(fields.title) ?? lineOf(fields.summary);
  const description = descriptionOf(fields.description);
  return {
    id: pointer,
    signature: pointer,
    ...(summary && { summary }),
    ...(description && { description }),
    ...(fields.deprecated === true && { deprecated: true }),
    detail,
    ...(truncated && { truncated }),
  };
}

function deadEnd(document: DocumentObject, pointer: string): NotFoundError {
  let parent: object = document;
  let parentPointer = '#';
  let missing = '';
  for (const segment of pointerSegments(clip(pointer, MAX_ID_CHARACTERS))) {
    const child = ownValue(parent, segment);
    missing = segment;
    if (typeof child !== 'object' || child === null) {
      break;
    }
    parent = child;
    parentPointer = pointerTo(parentPointer, segment);
  }
  const names = Object.keys(parent);
  const nearby = closest(missing, names, name => [name])
    .map(name => `"${clip(pointerTo(parentPointer, name), 200)}"`)
    .join(', ');
  return new NotFoundError(
    `The API definition has nothing at "${clip(pointer, 100)}". ${
      nearby
        ? `Closest are ${nearby}`
        : `There is nothing in "${clip(parentPointer, 200)}"`
    }`,
  );
}
