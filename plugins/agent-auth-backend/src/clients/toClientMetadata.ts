import { InputError } from '@backstage/errors';
import type { RegisteredClient } from '@prompt-corner/plugin-agent-auth-common';
import type { ClientMetadata } from 'oidc-provider';
import { EXCHANGE_CLIENT_ID } from './builtInClients';
import { checkServiceEntity } from './checkService';
import { hasInvisible, MAX_CLIENT_NAME_LENGTH } from './clientName';
import { readRedirectUris } from './redirectUris';

/** RFC 8628. */
export const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

/** RFC 8693. */
export const EXCHANGE_GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange';

const ID = /^[A-Za-z0-9._~-]{1,100}$/;

/**
 * A registered client in OAuth's terms (RFC 7591).
 *
 * @throws InputError when it cannot work, with what to change
 */
export function toClientMetadata(
  client: RegisteredClient,
  secretHash?: string,
): ClientMetadata {
  const { id, name, deviceFlow, confidential, uri } = client;
  if (!ID.test(id)) {
    throw new InputError(
      `Client id "${id}": use letters, digits, ".", "_", "~" and "-"`,
    );
  }
  if (
    !name.trim() ||
    name.length > MAX_CLIENT_NAME_LENGTH ||
    hasInvisible(name)
  ) {
    throw new InputError(
      `Client "${id}" needs a name of up to ${MAX_CLIENT_NAME_LENGTH} visible characters`,
    );
  }
  if (uri && !isPage(uri)) {
    throw new InputError(
      `Client "${id}": its home page "${uri}" is not an https or http URL`,
    );
  }
  const { uris: redirectUris, native } = client.redirectUris.length
    ? readRedirectUris(client.redirectUris, `Client "${id}": redirectUris`)
    : { uris: [], native: false };
  checkServiceEntity(client);
  if (client.serviceResources?.length && !(confidential && client.entityRef)) {
    throw new InputError(
      `Client "${id}" acts for itself, so it needs a secret and an entity`,
    );
  }
  return {
    client_id: id,
    client_name: name,
    ...(uri ? { client_uri: uri } : {}),
    // For native applications, the port of a loopback address does not matter (RFC 8252, section 7.3).
    application_type: native ? 'native' : 'web',
    redirect_uris: redirectUris,
    response_types: redirectUris.length ? ['code'] : [],
    grant_types: [
      ...(redirectUris.length ? ['authorization_code'] : []),
      ...(deviceFlow ? [DEVICE_GRANT] : []),
      ...(redirectUris.length || deviceFlow ? ['refresh_token'] : []),
      ...(client.serviceResources?.length ? ['client_credentials'] : []),
      ...(id === EXCHANGE_CLIENT_ID ? [EXCHANGE_GRANT] : []),
    ],
    token_endpoint_auth_method: confidential ? 'client_secret_basic' : 'none',
    ...(secretHash ? { client_secret: secretHash } : {}),
  };
}

function isPage(uri: string): boolean {
  return ['https:', 'http:'].includes(URL.parse(uri)?.protocol ?? '');
}
