import { isUnicode } from '@prompt-corner/cedar-policies';
import { WIRE_FORMATS } from '@prompt-corner/plugin-ai-proxy-common';
import { z } from 'zod';

/** Characters of a draft. Policies of operators may be longer; a draft is decided by at once. */
const MAX_DRAFT_LENGTH = 65_536;

const text = z
  .string()
  .min(1)
  .max(1_000)
  .refine(isUnicode, 'Expected Unicode text');
const texts = z.array(text).max(500);
const tokens = z.int().min(0);
const draft = z
  .string()
  .max(
    MAX_DRAFT_LENGTH,
    `Expected at most ${MAX_DRAFT_LENGTH} characters of policies`,
  );

/** A draft to check. */
export const checkSchema = z.strictObject({ policies: draft });

/** A request to decide that nobody makes. */
export const simulationSchema = z.strictObject({
  who: z
    .strictObject({
      kind: z.enum(['user', 'service']).default('user'),
      uuid: text.default('00000000-0000-0000-0000-000000000000'),
      /** Of a service. */
      entityRef: text.optional(),
      teams: texts.default([]),
      client: z
        .strictObject({ id: text, name: text.optional() })
        .default({ id: 'simulator' }),
      scopes: texts.default(['models:use']),
      /** To which the grant is limited. */
      models: texts.optional(),
    })
    .prefault({}),
  action: z
    .enum(['use_model', 'use_files', 'use_batches', 'use_stored_responses'])
    .default('use_model'),
  /** Its name in the configuration. */
  provider: text,
  /** As the provider names it; for `use_model`. */
  model: z.string().min(1).max(500).refine(isUnicode).optional(),
  request: z
    .strictObject({
      format: z.enum(WIRE_FORMATS).default('openai-chat'),
      effort: text.optional(),
      maxOutputTokens: tokens.optional(),
      inputTokens: tokens.default(1_000),
      tools: texts.default([]),
      serverTools: texts.default([]),
      modalities: texts.default([]),
      serviceTier: text.optional(),
      streaming: z.boolean().default(true),
      background: z.boolean().default(false),
      store: z.boolean().optional(),
    })
    .prefault({}),
  component: z
    .strictObject({
      entityRef: text,
      system: text.optional(),
      domain: text.optional(),
    })
    .optional(),
  network: z
    .strictObject({
      address: z.union([z.ipv4(), z.ipv6()]).optional(),
      names: texts.default([]),
      device: z.record(text, text).default({}),
    })
    .prefault({}),
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

/** A request to decide that nobody makes. */
export type SimulationBody = z.infer<typeof simulationSchema>;
