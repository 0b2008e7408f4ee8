import { InputError } from '@backstage/errors';
import { z } from 'zod';

/** The place of an event among others. */
export interface EventPlace {
  at: Date;
  id: string;
}

const MAX_LENGTH = 300;

const schema = z.tuple([
  z.int().min(0).max(8.64e15),
  z.string().min(1).max(64),
]);

/** An opaque text for a place. */
export function writeCursor({ at, id }: EventPlace): string {
  return Buffer.from(JSON.stringify([at.getTime(), id])).toString('base64url');
}

/** @throws InputError when it is no cursor */
export function readCursor(cursor: string): EventPlace {
  try {
    if (cursor.length > MAX_LENGTH) {
      throw new Error('too long');
    }
    const [at, id] = schema.parse(
      JSON.parse(Buffer.from(cursor, 'base64url').toString()),
    );
    return { at: new Date(at), id };
  } catch (error) {
    throw new InputError(
      '"after" is not where an export ended; take it from its header x-usage-next',
      error,
    );
  }
}
