import { z } from 'zod/v3';

/** How an entity is named in every tool's input. */
export function entityRefSchema(description?: string) {
  return z
    .string()
    .min(1)
    .max(200)
    .describe(
      description ??
        'Entity ref such as component:default/payments-api, or just a name; close matches are found',
    );
}

/** A short text, as of a search. What is too long is no question but a document. */
export function textSchema(description: string, maxLength = 200) {
  return z.string().max(maxLength).describe(description);
}

/**
 * An integer within limits. Numbers written as strings are accepted, because
 * models often write them so.
 */
export function integerSchema(options: {
  min: number;
  max: number;
  default: number;
  description: string;
}) {
  return z
    .preprocess(
      value =>
        typeof value === 'string' && value.trim() !== ''
          ? Number(value)
          : value ?? options.default,
      z.number().int().min(options.min).max(options.max),
    )
    .default(options.default)
    .describe(options.description);
}

/** A list of words. One string, with commas or without, is accepted too. */
export function wordsSchema(description: string) {
  return z
    .preprocess(
      value =>
        typeof value === 'string'
          ? value
              .split(',')
              .map(word => word.trim())
              .filter(Boolean)
          : value,
      z.array(z.string().max(100)).max(20),
    )
    .optional()
    .describe(description);
}

/** An entity in a list. */
export const summarySchema = z.object({
  ref: z.string(),
  title: z.string().optional(),
  type: z.string().optional(),
  lifecycle: z.string().optional(),
  owner: z.string().optional(),
  description: z.string().optional(),
});

/** How the input was understood, when it was not a full ref. */
export const noteSchema = z
  .string()
  .optional()
  .describe('How the name was understood, when it was not a full ref');

/** What was left out of an answer and how to get it. */
export const moreSchema = z
  .string()
  .optional()
  .describe('What was left out, and how to get it');
