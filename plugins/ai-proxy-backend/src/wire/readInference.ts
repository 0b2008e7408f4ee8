import type {
  ApiName,
  WireFormat,
} from '@prompt-corner/plugin-ai-proxy-common';
import type { JsonText } from '../json';
import { FACT_READERS } from './factReaders';
import { fieldsOf, textOf } from './fields';
import type { InferenceRequest } from './InferenceRequest';
import { otherModels } from './otherModels';
import { referencesIn } from './references';
import { RefusedError } from './refusal';

/**
 * Reads what a request asks of a model.
 *
 * @param inPath - model and streaming, where the path says them
 * @throws RefusedError when it names no model
 */
export function readInference(
  api: ApiName,
  format: WireFormat,
  { bytes, value: body }: JsonText,
  inPath?: { model: string; streaming: boolean },
): InferenceRequest {
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
