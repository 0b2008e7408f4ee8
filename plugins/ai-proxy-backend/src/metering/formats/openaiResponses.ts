import { compileFields, FieldTree } from '../json';
import { ANSWER, Format, REASONING, ToldUsage } from './Format';
import { openaiTokens } from './openaiTokens';
import type { Told } from './Told';
import { countedCalls } from './toolRequests';

const OWN_TOOLS = new Set([
  'web_search_call',
  'file_search_call',
  'code_interpreter_call',
  'image_generation_call',
]);

const RESPONSE: FieldTree = {
  id: { keep: 'id', once: true },
  model: { keep: 'model' },
  service_tier: { keep: 'serviceTier' },
  usage: { keep: 'usage' },
  status: { keep: 'stopReason' },
  incomplete_details: { reason: { keep: 'incomplete' } },
  error: { keep: 'error' },
};

/**
 * `POST /responses`. A stream tells its usage in the response that its last event
 * repeats: `response.completed`, `response.incomplete` or `response.failed`. Those before
 * have the response too, without usage.
 */
export const openaiResponses: Format = {
  lists: ['outputType'],
  fields: compileFields({
    ...RESPONSE,
    output: {
      type: { keep: 'outputType' },
      arguments: { text: ANSWER },
      content: { text: { text: ANSWER } },
      summary: { text: { text: REASONING } },
    },
    response: { ...RESPONSE, output: { type: { keep: 'outputType' } } },
    // The event `error` has these at the top, and so has none of the others.
    message: { keep: 'errorMessage' },
    code: { keep: 'errorCode' },
    delta: { text: ANSWER },
  }),

  read(told: Told): ToldUsage {
    const usage = told.object('usage');
    const types = told.list('outputType').filter(isOwnTool);
    return {
      tokens: usage && openaiTokens(usage),
      final: usage !== undefined,
      finalAtEnd: usage !== undefined,
      serviceTier: told.text('serviceTier'),
      toolRequests: countedCalls(types),
    };
  },
};

function isOwnTool(type: unknown): type is string {
  return typeof type === 'string' && OWN_TOOLS.has(type);
}
