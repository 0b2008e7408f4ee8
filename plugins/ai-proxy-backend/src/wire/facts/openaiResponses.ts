import { Fields, fieldsOf, limitOf, textOf } from '../fields';
import { Facts, written } from './Facts';
import { modalitiesOf } from './modalities';
import { openAiTools, toolsIn } from './tools';

/** The Responses API. */
export function readOpenaiResponses(body: Fields): Facts {
  return {
    ...written(limitOf(body.max_output_tokens)),
    effort: textOf(fieldsOf(body.reasoning).effort),
    ...openAiTools(toolsIn(body)),
    modalities: modalitiesOf(body.input),
    serviceTier: textOf(body.service_tier),
    background: body.background === true,
    store: typeof body.store === 'boolean' ? body.store : undefined,
  };
}
