import { InputError, toError } from '@backstage/errors';
import type { RegisteredClient } from '@prompt-corner/plugin-agent-auth-common';
import type { ConfiguredClient } from '../config';
import { hashToken } from '@prompt-corner/plugin-agent-auth-node';
import type { AgentResources } from '../resources/AgentResources';
import { builtInClients } from './builtInClients';
import { checkServiceResources } from './checkService';
import { toClientMetadata } from './toClientMetadata';

/** A client whom an administrator knows, with the hash of its secret. */
export interface KnownClient {
  client: RegisteredClient;
  secretHash?: string;
}

/**
 * Clients that the product or the configuration describes, by id.
 *
 * @throws InputError when a configured one cannot work, naming `agentAuth.clients`
 */
export function fixedClients(
  configured: ConfiguredClient[],
  resources: AgentResources,
): Map<string, KnownClient> {
  const fixed = new Map(
    builtInClients.map(client => [client.id, toKnownClient(client)]),
  );
  for (const configuredClient of configured) {
    const known = toKnownClient(configuredClient);
    const { client } = known;
    try {
      toClientMetadata(client, known.secretHash);
      checkServiceResources(client, resources);
    } catch (error) {
      throw new InputError(
        `Invalid agentAuth.clients: ${toError(error).message}`,
        error,
      );
    }
    if (fixed.has(client.id)) {
      throw new InputError(
        `Invalid agentAuth.clients: the id "${client.id}" is taken by a client before it, or by one that comes with the product; choose another`,
      );
    }
    fixed.set(client.id, known);
  }
  return fixed;
}

function toKnownClient({ secret, ...client }: ConfiguredClient): KnownClient {
  return { client, secretHash: secret && hashToken(secret) };
}
