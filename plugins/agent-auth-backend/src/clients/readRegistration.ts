import { toError } from '@backstage/errors';
import type { AdapterPayload } from 'oidc-provider';
import { errors } from 'oidc-provider';
import { readSelfDescription } from './selfDescription';

/**
 * Checks the metadata of a client that registers itself (RFC 7591) as that of a
 * document would be. Such clients are public ones only: a secret that anybody
 * can obtain proves nothing, and would have to be stored.
 *
 * @param metadata - as the library is about to store it
 * @returns what of it to store
 * @throws InvalidClientMetadata with what is wrong; of redirect URIs as `invalid_redirect_uri`
 */
export function readRegistration(metadata: AdapterPayload): AdapterPayload {
  if (
    metadata.client_secret ||
    metadata.token_endpoint_auth_method !== 'none'
  ) {
    throw new errors.InvalidClientMetadata(
      'token_endpoint_auth_method must be none; clients with a secret are registered by an administrator',
    );
  }
  try {
    return {
      client_id: metadata.client_id,
      client_id_issued_at: metadata.client_id_issued_at,
      ...readSelfDescription(metadata),
      token_endpoint_auth_method: 'none',
    };
  } catch (error) {
    const { message } = toError(error);
    throw new errors.InvalidClientMetadata(message, { cause: error });
  }
}
