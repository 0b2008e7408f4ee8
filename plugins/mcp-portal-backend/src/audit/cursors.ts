import { InputError } from '@backstage/errors';
import { z } from 'zod';

/** The place of a record among others. */
export interface RecordPlace {
  at: Date;
  day: string;
  writer: string;
  seq: number;
}

const MAX_LENGTH = 300;

const placeSchema = z.tuple([
  z.int(),
  z.string().max(10),
  z.string().max(36),
  z.int(),
]);

/** The opaque id of a record, which tells its place. */
export function writeRecordId(place: RecordPlace): string {
  const { at, day, writer, seq } = place;
  return Buffer.from(JSON.stringify([at.getTime(), day, writer, seq])).toString(
    'base64url',
  );
}

/** @throws InputError when it is not the id of a record */
export function readRecordId(id: string): RecordPlace {
  try {
    if (id.length > MAX_LENGTH) {
      throw new Error('too long');
    }
    const [at, day, writer, seq] = placeSchema.parse(
      JSON.parse(Buffer.from(id, 'base64url').toString()),
    );
    return { at: new Date(at), day, writer, seq };
  } catch (error) {
    throw new InputError(
      'The cursor is not the id of an audit record; take it from an earlier answer',
      error,
    );
  }
}
