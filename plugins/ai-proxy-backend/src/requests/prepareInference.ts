import type { AgentPrincipal } from '@prompt-corner/plugin-agent-auth-node';
import { attachToBody, identityHeaders } from '../identity';
import { JsonDocument } from '../json';
import type { Prompt } from '../prompts';
import type { Candidate } from '../providers';
import { optOut, optsOut } from '../retention';
import type { Prepared } from '../upstream';
import type { InferenceRequest, Operation } from '../wire';

/** What a model is asked, as it goes to a candidate. */
export interface InferenceParts {
  operation: Operation;
  asked: InferenceRequest;
  /** Inspected. */
  prompt: Prompt;
  query: string;
  /** That are forwarded. */
  headers: Record<string, string>;
  principal: AgentPrincipal;
  /** Whether the model reasons. */
  reasons: boolean;
}

/**
 * Makes the request to a candidate. Nothing of the body changes but the model's
 * name where it has another there, who asks, and whether the answer is stored.
 */
export function prepareInference(
  { operation, asked, prompt, ...rest }: InferenceParts,
  candidate: Candidate,
): Prepared {
  const { provider, model } = candidate;
  const { uuid } = rest.principal;
  const document = new JsonDocument(prompt.text);
  let { path } = operation;
  if (model !== asked.model) {
    if ('inPath' in operation && operation.inPath) {
      path = path.replace(
        `/models/${asked.model}:`,
        `/models/${encodeURIComponent(model)}:`,
      );
    } else {
      document.set('model', model);
    }
  }
  if (operation.kind === 'inference') {
    attachToBody(provider.identity, asked.format, document, uuid);
    if (optsOut(provider, model)) {
      optOut(asked.format, document, { reasons: rest.reasons });
    }
    if (provider.usageInStreams === 'always') {
      askForUsage(asked, document);
    }
  }
  const bytes = document.bytes();
  return {
    method: 'POST',
    path: path + rest.query,
    headers: {
      ...rest.headers,
      ...identityHeaders(provider.identity, uuid),
      'content-type': 'application/json',
      'content-length': String(bytes.length),
    },
    body: bytes,
  };
}

/** Without it, chat completions say nothing of usage at the end of a stream. */
function askForUsage(asked: InferenceRequest, document: JsonDocument): void {
  if (
    asked.streaming &&
    (asked.format === 'openai-chat' || asked.format === 'openai-completions')
  ) {
    document.set('stream_options', 'include_usage', true);
  }
}
