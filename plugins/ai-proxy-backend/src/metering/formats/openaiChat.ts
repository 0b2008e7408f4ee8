import { compileFields, FieldTree } from '../json';
import {
  ANSWER,
  Format,
  REASONING,
  REASONING_AGAIN,
  ToldUsage,
} from './Format';
import { openaiTokens } from './openaiTokens';
import type { Told } from './Told';

const MESSAGE: FieldTree = {
  content: { text: ANSWER },
  refusal: { text: ANSWER },
  reasoning_content: { text: REASONING },
  reasoning: { text: REASONING_AGAIN },
  function_call: { name: { text: ANSWER }, arguments: { text: ANSWER } },
  tool_calls: {
    function: { name: { text: ANSWER }, arguments: { text: ANSWER } },
  },
};

/**
 * `POST /chat/completions`, and `/completions` before it. A stream tells its usage in a
 * chunk after the last, and only where `stream_options.include_usage` asked for it; others
 * have `usage: null`. Some servers tell it in every chunk, with the last choice
 * (Moonshot) or in a field of their own (Groq).
 */
export const openaiChat: Format = {
  fields: compileFields({
    id: { keep: 'id', once: true },
    model: { keep: 'model', once: true },
    service_tier: { keep: 'serviceTier' },
    usage: { keep: 'usage' },
    x_groq: { usage: { keep: 'usage' } },
    error: { keep: 'error' },
    // Errors of older servers have it at the top.
    message: { keep: 'errorMessage' },
    choices: {
      finish_reason: { keep: 'stopReason' },
      usage: { keep: 'usage' },
      text: { text: ANSWER },
      delta: MESSAGE,
      message: MESSAGE,
    },
  }),

  read(told: Told): ToldUsage {
    const usage = told.object('usage');
    return {
      tokens: usage && openaiTokens(usage),
      final: usage !== undefined && told.text('stopReason') !== undefined,
      finalAtEnd: usage !== undefined,
      serviceTier: told.text('serviceTier'),
    };
  },
};
