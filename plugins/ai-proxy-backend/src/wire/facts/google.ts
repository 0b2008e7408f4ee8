import {
  Fields,
  fieldsOf,
  isGiven,
  limitOf,
  looseCountOf,
  textOf,
} from '../fields';
import { ambiguous } from './ambiguous';
import { Facts, Reasoning, reasoning, written } from './Facts';
import { modalitiesOf } from './modalities';
import { MAX_TOOLS, Tools } from './tools';

/** `generateContent` of Gemini. */
export function readGoogle(body: Fields): Facts {
  const config = fieldsOf(
    either(body, 'generationConfig', 'generation_config'),
  );
  return {
    ...written(
      limitOf(either(config, 'maxOutputTokens', 'max_output_tokens')),
      limitOf(either(config, 'candidateCount', 'candidate_count')),
    ),
    ...googleReasoning(config),
    ...googleTools(body.tools),
    modalities: modalitiesOf(
      body.contents,
      either(body, 'systemInstruction', 'system_instruction'),
    ),
    serviceTier: textOf(either(body, 'serviceTier', 'service_tier')),
    background: false,
  };
}

function googleReasoning(config: Fields): Reasoning {
  const thinking = fieldsOf(
    either(config, 'thinkingConfig', 'thinking_config'),
  );
  const budget = either(thinking, 'thinkingBudget', 'thinking_budget');
  return reasoning(
    textOf(either(thinking, 'thinkingLevel', 'thinking_level'))?.toLowerCase(),
    // As much as it likes.
    Number(budget) === -1 ? -1 : looseCountOf(budget),
  );
}

function googleTools(value: unknown): Tools {
  const tools: string[] = [];
  const serverTools: string[] = [];
  for (const item of listOf(value)) {
    for (const [name, inner] of Object.entries(fieldsOf(item))) {
      if (/^function_?declarations$/i.test(name)) {
        tools.push(
          ...listOf(inner)
            .map(one => textOf(fieldsOf(one).name))
            .filter(one => one !== undefined),
        );
      } else {
        serverTools.push(snakeCase(name));
      }
    }
  }
  return { tools: tools.slice(0, MAX_TOOLS), serverTools };
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`);
}

/**
 * A member that has two names in Gemini's API.
 *
 * @throws RefusedError when it is there by both, as nobody knows which one counts
 */
function either(fields: Fields, name: string, other: string): unknown {
  if (isGiven(fields[name]) && isGiven(fields[other])) {
    throw ambiguous(name, other);
  }
  return fields[name] ?? fields[other];
}

/** A list, which Gemini's API takes without brackets where it has one element. */
function listOf(value: unknown): unknown[] {
  if (Array.isArray(value)) {
    return value;
  }
  return isGiven(value) ? [value] : [];
}
