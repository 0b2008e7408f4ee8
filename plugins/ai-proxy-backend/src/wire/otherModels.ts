import type { WireFormat } from '@prompt-corner/plugin-ai-proxy-common';
import { FACT_READERS, toolsIn } from './facts';
import { Fields, fieldsOf, isGiven } from './fields';
import type { InferenceRequest, OtherModel } from './InferenceRequest';
import { RefusedError } from './refusal';

/** Each is a question to policy. */
const MAX_OTHERS = 16;

/** Models to fall back to: of Anthropic and LiteLLM, and of OpenRouter. */
const LISTS = [
  'fallbacks',
  'context_window_fallbacks',
  'content_policy_fallbacks',
  'models',
];

/**
 * Models that the provider may ask besides the one that a request is for.
 *
 * @throws RefusedError when they are too many
 */
export function otherModels(format: WireFormat, body: Fields): OtherModel[] {
  const fallbacks = LISTS.flatMap(name => namedIn(body[name]));
  // Advisors of Anthropic, and what makes pictures for OpenAI.
  const ofTools = toolsIn(body)
    .map(({ model }) => model)
    .filter(model => typeof model === 'string');
  const count = fallbacks.length + ofTools.length;
  // Before the request is read again for each of them.
  if (count > MAX_OTHERS) {
    throw new RefusedError({
      status: 400,
      reason: 'models',
      message: `The request names ${count} further models; ${MAX_OTHERS} are the most`,
    });
  }
  return [
    ...fallbacks.map(entry => ({
      ...FACT_READERS[format]({
        ...body,
        ...entry,
        output_config: {
          ...fieldsOf(body.output_config),
          ...fieldsOf(entry.output_config),
        },
      }),
      model: entry.model,
    })),
    ...ofTools.map(model => ({ model })),
  ];
}

/** What a request asks of each model that may answer, the one that it is for first. */
export function usesOf(
  asked: InferenceRequest,
  model: string,
): InferenceRequest[] {
  const { others = [] } = asked;
  return [
    { ...asked, model },
    ...others.map(other => ({ ...asked, ...other })),
  ];
}

/** Names, or objects that have them with what differs, in whatever lists. */
function namedIn(value: unknown): Array<Fields & { model: string }> {
  if (typeof value === 'string') {
    return [{ model: value }];
  }
  if (!isGiven(value) || typeof value !== 'object') {
    return [];
  }
  const fields = fieldsOf(value);
  return typeof fields.model === 'string'
    ? [fields as Fields & { model: string }]
    : Object.values(value as object).flatMap(namedIn);
}
