import { InputError, isError, NotFoundError } from '@backstage/errors';
import { readAsyncApi } from './asyncapi';
import { readGraphql } from './graphql';
import { readGrpc } from './grpc';
import { MAX_DEFINITION_BYTES } from './limits';
import { readOpenApi } from './openapi';
import { clip } from './text';
import { MAX_READING_MS, withTimeLimit } from './timeLimit';
import type { ApiDefinition, DefinitionFormat } from './types';

const READERS: ReadonlyMap<string, (text: string) => ApiDefinition> = new Map<
  DefinitionFormat,
  (text: string) => ApiDefinition
>([
  ['openapi', readOpenApi],
  ['asyncapi', readAsyncApi],
  ['graphql', readGraphql],
  ['grpc', readGrpc],
]);

/**
 * Reads the definition of an API entity. Nothing outside the text is fetched, and every answer is bounded.
 *
 * The work is done on the calling thread; for the largest definitions it takes around a second, so keep the result for the next
 * question.
 *
 * @param options.type - `spec.type` of the entity, in any case.
 * @param options.text - `spec.definition` of the entity.
 * @throws InputError when the type is not one whose operations can be read, or the text is too large, not valid or takes too long; the message has
 *   the line and column where the parser tells them.
 */
export async function parseDefinition(options: {
  type: string;
  text: string;
}): Promise<ApiDefinition> {
  const read = READERS.get(options.type.trim().toLowerCase());
  if (!read) {
    throw new InputError(
      `Operations of an API of type "${clip(
        options.type,
        100,
      )}" cannot be read; the types that can are ${[...READERS.keys()].join(
        ', ',
      )}. Read spec.definition of the entity as it is`,
    );
  }
  const bytes = Buffer.byteLength(options.text);
  if (bytes > MAX_DEFINITION_BYTES) {
    throw new InputError(
      `The API definition is too large to read: ${bytes} bytes, the limit is ${MAX_DEFINITION_BYTES}. Split it into several API entities`,
    );
  }
  const definition = guarded(() =>
    withTimeLimit(() => read(options.text), MAX_READING_MS),
  );
  if (!definition) {
    throw new InputError(
      `The API definition takes longer than ${MAX_READING_MS} ms to read. Make spec.definition of the entity smaller or simpler`,
    );
  }
  return {
    ...definition,
    describeOperation: id => guarded(() => definition.describeOperation(id)),
  };
}

/** Definitions are written by others: whatever goes wrong with one (a stack that overflows in a parser) is a fault of the input. */
function guarded<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof InputError || error instanceof NotFoundError) {
      throw error;
    }
    throw new InputError(
      `The API definition cannot be read: ${clip(
        isError(error) ? error.message : String(error),
        200,
      )}. Check spec.definition of the entity`,
      error,
    );
  }
}
