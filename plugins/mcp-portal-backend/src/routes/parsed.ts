import { InputError } from '@backstage/errors';
import { z } from 'zod';

/** A value that has the shape of a schema. @throws InputError that says what is wrong, and where */
export function parsed<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (!result.success) {
    throw new InputError(z.prettifyError(result.error));
  }
  return result.data;
}
