import type { AgentPrincipal } from '@prompt-corner/plugin-agent-auth-node';
import type { WireFormat } from '@prompt-corner/plugin-ai-proxy-common';
import { attachToBody, identityHeaders } from '../identity';
import { JsonDocument, JsonText } from '../json';
import type { Prompt } from '../prompts';
import type { Candidate } from '../providers';
import { optOut, optsOut } from '../retention';
import type { Prepared } from '../upstream';
import { fieldsOf, InferenceRequest, Operation } from '../wire';

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
 * name where it has another there, who asks, and whether the answer is stored;
 * a component that it names is for the proxy, and goes.
 */
export function prepareInference(
  { operation, asked, prompt, ...rest }: InferenceParts,
  candidate: Candidate,
): Prepared {
  const { provider, model } = candidate;
  const { uuid } = rest.principal;
  const document = new JsonDocument(
    asked.component === undefined
      ? prompt.text
      : withoutComponent(asked.format, prompt.text),
  );
  let { path } = operation;
  if (model !== asked.model) {
    if ('inPath' in operation && operation.inPath) {
      path = path.replace(
        `/models/${asked.model}:`,
        `/models/${encodeURIComponent(model)}:`,
      );
      renameWithin(document, `models/${model}`);
    } else {
      document.set('model', model);
    }
  }
  if (operation.kind === 'inference') {
    attachToBody(provider.identity, asked.format, document, uuid);
    if (optsOut(provider, model)) {
      optOut(asked.format, document, { model, reasons: rest.reasons });
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

/** Anthropic refuses names that it does not know, and no provider needs to know this one. */
function withoutComponent(format: WireFormat, text: JsonText): JsonText {
  const { component, ...others } = fieldsOf(text.value.metadata);
  const isEmpty = Object.keys(others).length === 0;
  // OpenAI takes metadata of stored completions only.
  const metadata = isEmpty && format !== 'anthropic-messages' ? null : others;
  const document = new JsonDocument(text);
  document.set('metadata', metadata);
  return new JsonText(document.bytes(), { ...text.value, metadata });
}

/** Gemini's API wants the model of the path again where requests are within the body. */
function renameWithin(document: JsonDocument, model: string): void {
  const { model: own, requests, generateContentRequest } = document.value;
  if (own !== undefined) {
    document.set('model', model);
  }
  if (Array.isArray(requests)) {
    document.set(
      'requests',
      requests.map(request => ({ ...request, model })),
    );
  }
  if (fieldsOf(generateContentRequest).model !== undefined) {
    document.set('generateContentRequest', 'model', model);
  }
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
