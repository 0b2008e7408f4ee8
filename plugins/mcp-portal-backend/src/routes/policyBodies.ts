import { isUnicode } from '@prompt-corner/cedar-policies';
import { z } from 'zod';
import { readArguments } from '../policy/arguments';

/** Characters of a draft. Policies of operators may be longer; a draft is decided by at once. */
const MAX_DRAFT_LENGTH = 65_536;
const MAX_ARGUMENTS_LENGTH = 16_384;

const text = z
  .string()
  .min(1)
  .max(1_000)
  .refine(isUnicode, 'Expected Unicode text');
const texts = z.array(text).max(500);
const draft = z
  .string()
  .max(
    MAX_DRAFT_LENGTH,
    `Expected at most ${MAX_DRAFT_LENGTH} characters of policies`,
  );
const toolClass = z.enum(['read', 'write', 'destructive']);

/** A draft to check. */
export const checkSchema = z.strictObject({ policies: draft });

/** A call to decide that nobody makes. */
export const simulationSchema = z.strictObject({
  who: z.strictObject({
    kind: z.enum(['user', 'service', 'anonymous']).default('user'),
    uuid: text.default('00000000-0000-0000-0000-000000000000'),
    /** Of a service. */
    entityRef: text.optional(),
    teams: texts.default([]),
    client: z
      .strictObject({ id: text, name: text.optional() })
      .default({ id: 'simulator' }),
    scopes: texts.default(['tools:read', 'tools:write']),
    granted: z.array(toolClass).default([]),
  }),
  portal: text,
  action: z
    .enum(['call_tool', 'get_prompt', 'read_resource'])
    .default('call_tool'),
  /** Its name in tool names. */
  server: text,
  /** Name of the tool or prompt, or URI of the resource. */
  target: text,
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
  network: z
    .strictObject({
      address: z.union([z.ipv4(), z.ipv6()]).optional(),
      names: texts.default([]),
      device: z.record(text, text).default({}),
    })
    .default({ names: [], device: {} }),
  claims: z
    .strictObject({
      amr: texts.optional(),
      acr: text.optional(),
      authAgeSeconds: z.int().min(0).max(1_000_000_000).optional(),
    })
    .default({}),
  time: z.iso.datetime({ offset: true }).optional(),
  policies: draft.optional(),
});

/** Past calls to decide by a draft. */
export const replaySchema = z
  .strictObject({
    policies: draft,
    from: z.iso.datetime({ offset: true }),
    to: z.iso.datetime({ offset: true }),
  })
  .refine(({ from, to }) => Date.parse(from) < Date.parse(to), {
    path: ['to'],
    error: 'Expected a time after "from"',
  });
