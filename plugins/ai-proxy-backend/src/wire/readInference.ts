import type {
  ApiName,
  WireFormat,
} from '@prompt-corner/plugin-ai-proxy-common';
import type { JsonText } from '../json';
import { FACT_READERS } from './facts';
import { Fields, fieldsOf, textOf } from './fields';
import type { InferenceRequest } from './InferenceRequest';
import { otherModels } from './otherModels';
import { referencesIn } from './references';
import { RefusedError } from './refusal';

/** Members that decide what is asked, for how much, and of whom. */
const DECISIVE = new Set([
  'model',
  'models',
  'fallbacks',
  'messages',
  'input',
  'prompt',
  'stream',
  'max_tokens',
  'max_completion_tokens',
  'max_output_tokens',
  'n',
  'best_of',
  'reasoning',
  'reasoning_effort',
  'thinking',
  'output_config',
  'tools',
  'functions',
  'mcp_servers',
  'web_search_options',
  'modalities',
  'service_tier',
  'speed',
  'background',
  'store',
  'previous_response_id',
  'conversation',
  'container',
  'thread',
  'metadata',
  'user',
  'safety_identifier',
  'client_metadata',
]);

/**
 * Refuses names in other letters than the API has. Servers written in Go, such as
 * Ollama, take them for the same name (encoding/json folds cases), of which
 * nothing here has read the value.
 *
 * @throws RefusedError
 */
function checkSpelling(body: Fields): void {
  for (const name in body) {
    if (!/^[a-z0-9_]*$/.test(name)) {
      // Folds also the long s and the sign for Kelvin.
      const folded = name.toUpperCase().toLowerCase();
      if (DECISIVE.has(folded)) {
        throw new RefusedError({
          status: 400,
          reason: 'ambiguous',
          message: `"${name}" could be taken for "${folded}". Write it so`,
        });
      }
    }
  }
}

/**
 * Reads what a request asks of a model.
 *
 * @param inPath - model and streaming, where the path says them
 * @throws RefusedError when it names no model, or says something in more than one way
 */
export function readInference(
  api: ApiName,
  format: WireFormat,
  { bytes, value: body }: JsonText,
  inPath?: { model: string; streaming: boolean },
): InferenceRequest {
  if (!inPath) {
    checkSpelling(body);
  }
  const model = inPath?.model ?? body.model;
  if (typeof model !== 'string' || model === '' || model.length > 256) {
    throw new RefusedError({
      status: 400,
      reason: 'no_model',
      message: 'The request names no model. Send its name as "model"',
    });
  }
  return {
    api,
    format,
    model,
    streaming: inPath?.streaming ?? body.stream === true,
    component: textOf(fieldsOf(body.metadata).component),
    references: referencesIn(bytes, body),
    ...FACT_READERS[format](body),
    others: otherModels(format, body),
  };
}
