import {
  GetPromptResult,
  ListPromptsResult,
  Prompt,
  ProtocolError,
  ProtocolErrorCode,
} from '@modelcontextprotocol/server';
import { clip } from '../text/words';

interface CatalogPrompt extends Prompt {
  text(values: Record<string, string>): string;
}

/** The journeys that people take through a catalog most. */
const PROMPTS: CatalogPrompt[] = [
  {
    name: 'understand_service',
    title: 'Understand a service',
    description:
      'What a service is, who runs it, what it needs and who needs it',
    arguments: [
      { name: 'ref', description: 'Service: ref or name', required: true },
    ],
    text: ({ ref }) =>
      `Explain ${ref} to an engineer who has never seen it. Use get_entity, get_owner, get_dependencies in both directions, get_data_stores, get_api if it provides one, and get_docs. Say what it is for, how it fits into its system, what it depends on and what breaks without it, which data it touches, how to reach the people who run it, and what the documentation leaves out. Name the refs that you rely on. Where the catalog has a gap, say so instead of guessing.`,
  },
  {
    name: 'assess_impact',
    title: 'Assess an impact',
    description: 'What a planned change touches, and whom to tell',
    arguments: [
      {
        name: 'ref',
        description: 'What is changed: ref or name',
        required: true,
      },
      {
        name: 'change',
        description: 'The planned change, in a sentence',
        required: true,
      },
    ],
    text: ({ ref, change }) =>
      `This change is planned for ${ref}: ${change}\n\nAssess its impact. Use impact_of for all that depends on it, get_api for the contract that it changes if it provides one, find_path where it is not clear why something is affected, and get_scorecard for the state of those affected most. Answer with: what can break, directly and indirectly; which teams to tell, with their contacts, most affected first; what to check before and after; and a message to those teams of at most five sentences.`,
  },
  {
    name: 'find_the_right_api',
    title: 'Find the right API',
    description: 'The API and the operation for a need, and how to call it',
    arguments: [
      {
        name: 'need',
        description: 'What is needed, in a sentence',
        required: true,
      },
    ],
    text: ({ need }) =>
      `Find the API for this need: ${need}\n\nUse find_apis, then get_api for the operations that fit, then get_owner. Prefer APIs that are in production and not deprecated, and say why you chose one over the others. Show how to call the operation, with its parameters and the shape of the answer, and who to ask for access. If nothing fits, say which team would be the one to build it.`,
  },
];

/** Answers `prompts/list` and `prompts/get`. */
export class PromptLibrary {
  list(): ListPromptsResult {
    return { prompts: PROMPTS.map(({ text: _, ...prompt }) => prompt) };
  }

  /** @throws ProtocolError when there is no such prompt, or an argument is missing */
  get(name: string, values: Record<string, string>): GetPromptResult {
    const prompt = PROMPTS.find(each => each.name === name);
    if (!prompt) {
      throw new ProtocolError(
        ProtocolErrorCode.InvalidParams,
        `There is no prompt ${clip(name)}; prompts/list names them`,
      );
    }
    const missing = prompt.arguments
      ?.map(argument => argument.name)
      .filter(argument => !values[argument]?.trim());
    if (missing?.length) {
      throw new ProtocolError(
        ProtocolErrorCode.InvalidParams,
        `The prompt ${name} needs ${missing.join(' and ')}`,
      );
    }
    return {
      description: prompt.description,
      messages: [
        { role: 'user', content: { type: 'text', text: prompt.text(values) } },
      ],
    };
  }
}
