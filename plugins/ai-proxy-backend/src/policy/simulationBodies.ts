import {
  circumstanceFields,
  isUnicode,
  simulatedText,
  simulatedTexts,
  whoFields,
} from '@prompt-corner/cedar-policies';
import { WIRE_FORMATS } from '@prompt-corner/plugin-ai-proxy-common';
import { z } from 'zod';

const tokens = z.int().min(0);

/** A request to decide that nobody makes. */
export const simulationSchema = z.strictObject({
  who: z
    .strictObject({
      kind: z.enum(['user', 'service']).default('user'),
      ...whoFields,
      scopes: simulatedTexts.default(['models:use']),
      /** To which the grant is limited. */
      models: simulatedTexts.optional(),
    })
    .prefault({}),
  action: z
    .enum(['use_model', 'use_files', 'use_batches', 'use_stored_responses'])
    .default('use_model'),
  /** Its name in the configuration. */
  provider: simulatedText,
  /** As the provider names it; for `use_model`. */
  model: z.string().min(1).max(500).refine(isUnicode).optional(),
  request: z
    .strictObject({
      format: z.enum(WIRE_FORMATS).default('openai-chat'),
      effort: simulatedText.optional(),
      reasoningTokens: z.int().min(-1).optional(),
      maxOutputTokens: tokens.optional(),
      inputTokens: tokens.default(1_000),
      tools: simulatedTexts.default([]),
      serverTools: simulatedTexts.default([]),
      modalities: simulatedTexts.default([]),
      serviceTier: simulatedText.optional(),
      streaming: z.boolean().default(true),
      background: z.boolean().default(false),
      store: z.boolean().optional(),
    })
    .prefault({}),
  component: z
    .strictObject({
      entityRef: simulatedText,
      system: simulatedText.optional(),
      domain: simulatedText.optional(),
    })
    .optional(),
  ...circumstanceFields,
});

/** A request to decide that nobody makes. */
export type SimulationBody = z.infer<typeof simulationSchema>;
