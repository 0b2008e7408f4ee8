import { readRecording } from '../../realTools/RecordedServer';
import { BodySize, DELIVERIES, Delivery, Exchange } from './Exchange';

/** In the catalogue of models, with prices. */
const MODEL = 'gpt-5-mini';

const MARKER = 'Delivery: ';

/** What a system prompt of a coding agent takes of the large body. */
const LARGE_PROMPT_CHARACTERS = 25_000;
const LARGE_BODY_BYTES = 115_000;

const QUESTION =
  'The deployment of the checkout service fails in its second step since this morning. Which of its dependencies changed, and who should look at them?';

/**
 * The body of a chat completion request. The provider reads in the system
 * prompt how to answer, since headers and other fields do not pass every proxy.
 */
export function createRequest({ delivery, body }: Exchange): Buffer {
  const streaming = delivery !== 'json';
  return Buffer.from(
    JSON.stringify({
      model: MODEL,
      messages: [
        {
          role: 'system',
          content: `${MARKER}${delivery}. ${systemPrompt(body)}`,
        },
        { role: 'user', content: QUESTION },
      ],
      max_completion_tokens: 1_024,
      stream: streaming,
      ...(streaming && { stream_options: { include_usage: true } }),
      ...(body === 'large' && { tools: recordedTools() }),
    }),
  );
}

/**
 * How a request wants to be answered.
 *
 * @param body - its beginning
 * @returns undefined when that is still to come
 */
export function readDelivery(body: Buffer): Delivery | undefined {
  const at = body.indexOf(MARKER);
  if (at < 0) {
    return undefined;
  }
  const begin = at + MARKER.length;
  const word = body.toString('latin1', begin, begin + 6);
  return DELIVERIES.find(each => word.startsWith(`${each}.`));
}

function systemPrompt(body: BodySize): string {
  const brief =
    'You help engineers of a software company with their services. Answer in a few sentences, name the sources, and say so when you do not know. Never change anything without being asked.';
  if (body === 'small') {
    return brief;
  }
  const prose = allTools().map(({ description }) => description);
  return `${brief}\n${prose.join('\n')}`.slice(0, LARGE_PROMPT_CHARACTERS);
}

/** As many definitions of real tools as the large body has room for. */
function recordedTools(): object[] {
  let room = LARGE_BODY_BYTES - LARGE_PROMPT_CHARACTERS;
  return allTools().flatMap(({ name, description, inputSchema }) => {
    const tool = {
      type: 'function',
      function: { name, description, parameters: inputSchema },
    };
    const size = JSON.stringify(tool).length;
    if (size > room) {
      return [];
    }
    room -= size;
    return [tool];
  });
}

function allTools() {
  return readRecording().flatMap(({ tools }) => tools);
}
