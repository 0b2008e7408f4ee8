import type { GrantType } from '@prompt-corner/plugin-agent-auth-common';

const WORDS: Record<GrantType, string> = {
  authorization_code: 'Approved in the browser',
  device_code: 'Approved with a device code',
  personal_token: 'Personal token',
  token_exchange: 'Exchanged for a CI token',
  client_credentials: 'Signed in as itself',
};

/** Says in plain words how a connection came to be. */
export function describeGrantType(grantType: GrantType): string {
  return WORDS[grantType] ?? grantType;
}
