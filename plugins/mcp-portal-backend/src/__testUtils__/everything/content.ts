import { ResourceNotFoundError } from '@modelcontextprotocol/server';
import { embedded, IMAGE, text } from './media';

/** Prompts, as they are listed. */
export const prompts = [
  { name: 'test_simple_prompt', description: 'Has no arguments' },
  {
    name: 'test_prompt_with_arguments',
    description: 'Has two arguments',
    arguments: [
      { name: 'arg1', description: 'First', required: true },
      { name: 'arg2', description: 'Second', required: true },
    ],
  },
  {
    name: 'test_prompt_with_embedded_resource',
    description: 'Has a resource in it',
    arguments: [{ name: 'resourceUri', description: 'URI', required: true }],
  },
  { name: 'test_prompt_with_image', description: 'Has an image in it' },
  {
    name: 'test_input_required_result_prompt',
    description: 'Asks the client first',
  },
];

/** Messages of a prompt; undefined when there is no such prompt. */
export function messagesOf(name: string, args: Record<string, string> = {}) {
  switch (name) {
    case 'test_simple_prompt':
      return [user(text('This is a simple prompt for testing.'))];
    case 'test_prompt_with_arguments':
      return [
        user(
          text(
            `Prompt with arguments: arg1='${args.arg1}', arg2='${args.arg2}'`,
          ),
        ),
      ];
    case 'test_prompt_with_embedded_resource':
      return [
        user(
          embedded(
            args.resourceUri,
            'text/plain',
            'Embedded resource content for testing.',
          ),
        ),
        user(text('Please process the embedded resource above.')),
      ];
    case 'test_prompt_with_image':
      return [user(IMAGE), user(text('Please analyze the image above.'))];
    default:
      return undefined;
  }
}

/** Resources, as they are listed. */
export const resources = [
  {
    uri: 'test://static-text',
    name: 'Static text',
    description: 'A text that never changes',
    mimeType: 'text/plain',
  },
  {
    uri: 'test://static-binary',
    name: 'Static binary',
    description: 'An image that never changes',
    mimeType: 'image/png',
  },
  {
    uri: 'test://watched-resource',
    name: 'Watched',
    description: 'A text that changes',
    mimeType: 'text/plain',
  },
];

/** Templates of resources, as they are listed. */
export const resourceTemplates = [
  {
    uriTemplate: 'test://template/{id}/data',
    name: 'Template',
    description: 'A document for each id',
    mimeType: 'application/json',
  },
];

/** @throws ResourceNotFoundError when there is no such resource */
export function contentsOf(uri: string) {
  if (uri === 'test://static-text') {
    const value = 'This is the content of the static text resource.';
    return { uri, mimeType: 'text/plain', text: value };
  }
  if (uri === 'test://static-binary') {
    return { uri, mimeType: 'image/png', blob: IMAGE.data };
  }
  if (uri === 'test://watched-resource') {
    return { uri, mimeType: 'text/plain', text: 'Watched' };
  }
  const [, id] = /^test:\/\/template\/([^/]+)\/data$/.exec(uri) ?? [];
  if (id === undefined) {
    throw new ResourceNotFoundError(uri);
  }
  const value = { id, templateTest: true, data: `Data for ID: ${id}` };
  return { uri, mimeType: 'application/json', text: JSON.stringify(value) };
}

function user<T>(content: T) {
  return { role: 'user', content } as const;
}
