import type { WireFormat } from '@prompt-corner/plugin-ai-proxy-common';
import type { JsonDocument } from '../json';
import type { Identity } from '../providers';

/**
 * Tells a provider who asks, as a UUID: in the place that its API has for it.
 * Whatever the client wrote there goes, as it names people and machines (Claude
 * Code writes its device's id there).
 *
 * @param body - changed where needed
 */
export function attachToBody(
  identity: Identity,
  format: WireFormat,
  body: JsonDocument,
  uuid: string,
): void {
  if (body.value.client_metadata !== undefined) {
    // Codex has in it the ids of installation and session, and where it works: paths, and
    // the remotes of repositories (read from 0.169).
    body.set('client_metadata', {});
  }
  if (identity === 'none') {
    hideUser(format, body);
    return;
  }
  if (identity === 'user' && format.startsWith('openai-')) {
    body.set('user', uuid);
    if (body.value.safety_identifier !== undefined) {
      body.set('safety_identifier', uuid);
    }
    return;
  }
  switch (format) {
    case 'anthropic-messages':
      // "A uuid, hash value, or other opaque identifier" (Messages API).
      body.set('metadata', 'user_id', uuid);
      break;
    case 'openai-chat':
    case 'openai-responses':
      // Takes the place of `user` (OpenAI, "Safety best practices").
      body.set('safety_identifier', uuid);
      if (body.value.user !== undefined) {
        body.set('user', uuid);
      }
      break;
    case 'openai-completions':
    case 'openai-embeddings':
      body.set('user', uuid);
      break;
    default:
    // Gemini's API has no place for it.
  }
}

/** Where a provider is to learn nothing, it must not learn what the client wrote either. */
function hideUser(format: WireFormat, body: JsonDocument): void {
  if (format === 'anthropic-messages') {
    const { metadata } = body.value as { metadata?: { user_id?: unknown } };
    if (metadata?.user_id !== undefined) {
      body.set('metadata', 'user_id', null);
    }
    return;
  }
  for (const name of ['user', 'safety_identifier']) {
    if (typeof body.value[name] === 'string') {
      body.set(name, '');
    }
  }
}

/** Tells a gateway in between who asks, in its own header. */
export function identityHeaders(
  identity: Identity,
  uuid: string,
): Record<string, string> {
  switch (identity) {
    case 'cloudflare':
      return { 'cf-aig-metadata': JSON.stringify({ userId: uuid }) };
    case 'litellm':
      // docs.litellm.ai, "Request headers".
      return { 'x-litellm-end-user-id': uuid };
    default:
      return {};
  }
}
