import type { ClientOrigin } from '@prompt-corner/plugin-agent-auth-common';

/** Says in plain words how a client is known here. */
export function describeOrigin(client: {
  origin: ClientOrigin;
  documentHost?: string;
}): string {
  switch (client.origin) {
    case 'registered':
      return 'Registered by an administrator';
    case 'document':
      return client.documentHost
        ? `Described at ${client.documentHost}`
        : 'Describes itself on its own site';
    default:
      return 'Registered itself';
  }
}
