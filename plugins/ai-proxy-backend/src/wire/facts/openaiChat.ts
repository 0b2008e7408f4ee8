import { Fields, fieldsOf, itemsOf, limitOf, textOf } from '../fields';
import { ambiguous } from './ambiguous';
import { Facts, Reasoning, reasoning, written } from './Facts';
import { modalitiesOf } from './modalities';
import { openAiTools } from './tools';

/** Chat completions. */
export function readOpenaiChat(body: Fields): Facts {
  return {
    ...written(
      limitOf(body.max_completion_tokens, body.max_tokens),
      limitOf(body.n),
    ),
    ...chatReasoning(body),
    ...openAiTools(
      [
        ...itemsOf(body.tools),
        // As they were before there were tools.
        ...itemsOf(body.functions).map(tool => ({
          type: 'function',
          function: tool,
        })),
      ],
      body.web_search_options,
    ),
    modalities: [
      ...new Set([
        ...modalitiesOf(body.messages),
        ...itemsOf(body.modalities)
          .map(textOf)
          .filter(item => item !== undefined && item !== 'text'),
      ]),
    ] as string[],
    serviceTier: textOf(body.service_tier),
    background: false,
    store: typeof body.store === 'boolean' ? body.store : undefined,
  };
}

/** Servers that are compatible to OpenAI's have further places for it. */
function chatReasoning(body: Fields): Reasoning {
  const { effort, max_tokens } = fieldsOf(body.reasoning);
  const given = textOf(body.reasoning_effort);
  const other = textOf(effort);
  if (given !== undefined && other !== undefined && given !== other) {
    throw ambiguous('reasoning_effort', 'reasoning.effort');
  }
  return reasoning(
    given ?? other,
    limitOf(max_tokens, fieldsOf(body.thinking).budget_tokens),
  );
}
