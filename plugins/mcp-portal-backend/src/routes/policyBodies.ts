import {
  circumstanceFields,
  draftSchema,
  simulatedText,
  simulatedTexts,
  whoFields,
} from '@prompt-corner/cedar-policies';
import { z } from 'zod';
import { readArguments } from '../policy/arguments';

const MAX_ARGUMENTS_LENGTH = 16_384;

const toolClass = z.enum(['read', 'write', 'destructive']);

/** A call to decide that nobody makes. */
export const simulationSchema = z.strictObject({
  who: z.strictObject({
    kind: z.enum(['user', 'service', 'anonymous']).default('user'),
    ...whoFields,
    scopes: simulatedTexts.default(['tools:read', 'tools:write']),
    granted: z.array(toolClass).default([]),
  }),
  portal: simulatedText,
  action: z
    .enum(['call_tool', 'get_prompt', 'read_resource'])
    .default('call_tool'),
  /** Its name in tool names. */
  server: simulatedText,
  /** Name of the tool or prompt, or URI of the resource. */
  target: simulatedText,
  toolClass: toolClass.optional(),
  arguments: z
    .record(z.string(), z.unknown())
    .refine(
      // What policies refuse to read may be too deep for JSON.stringify.
      given =>
        'refusal' in readArguments(given) ||
        JSON.stringify(given).length <= MAX_ARGUMENTS_LENGTH,
      `Expected at most ${MAX_ARGUMENTS_LENGTH} characters of arguments`,
    )
    .optional(),
  ...circumstanceFields,
});

/** Past calls to decide by a draft. */
export const replaySchema = z
  .strictObject({
    policies: draftSchema,
    from: z.iso.datetime({ offset: true }),
    to: z.iso.datetime({ offset: true }),
  })
  .refine(({ from, to }) => Date.parse(from) < Date.parse(to), {
    path: ['to'],
    error: 'Expected a time after "from"',
  });
