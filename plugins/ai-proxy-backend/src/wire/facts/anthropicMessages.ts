import { countOf, Fields, fieldsOf, isGiven, itemsOf, textOf } from '../fields';
import { Facts, Reasoning, reasoning, written } from './Facts';
import { modalitiesOf } from './modalities';
import { Tools, toolsIn, toolsOf, withoutDate } from './tools';

/** Messages of Anthropic. */
export function readAnthropicMessages(body: Fields): Facts {
  return {
    ...written(countOf(body.max_tokens)),
    ...anthropicReasoning(body),
    ...anthropicTools(body),
    modalities: modalitiesOf(body.messages),
    serviceTier: textOf(body.speed) ?? textOf(body.service_tier),
    background: false,
    store: isGiven(body.thread) ? true : undefined,
  };
}

function anthropicReasoning(body: Fields): Reasoning {
  const thinking = fieldsOf(body.thinking);
  return reasoning(
    textOf(fieldsOf(body.output_config).effort),
    thinking.type === 'enabled' ? countOf(thinking.budget_tokens) : undefined,
  );
}

/** Types of tools that Anthropic describes and clients run. */
const CLIENT_RUN =
  /^(?:bash|text_editor|(?:computer|browser)(?:_toolset)?|memory)_\d/;

function anthropicTools(body: Fields): Tools {
  const { tools, serverTools } = toolsOf(toolsIn(body), tool => {
    const type = textOf(tool.type);
    return type === undefined || type === 'custom' || CLIENT_RUN.test(type)
      ? { own: textOf(tool.name) ?? (type && withoutDate(type)) }
      : { server: type };
  });
  const asksServers = itemsOf(body.mcp_servers).length > 0;
  return {
    tools,
    serverTools: asksServers ? [...serverTools, 'mcp'] : serverTools,
  };
}
