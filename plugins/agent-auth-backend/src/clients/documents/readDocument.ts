import { InputError, toError } from '@backstage/errors';
import { readSelfDescription, SelfDescription } from '../selfDescription';
import { isJsonObject } from './isJsonObject';
import { PublicKeys, readPublicKeys } from './publicKeys';

/** Metadata of a client (RFC 7591, section 2) that its document states and we accept. */
export interface ClientDocument extends SelfDescription {
  /** The document's URL. Show its host beside the name. */
  client_id: string;
  token_endpoint_auth_method: 'none' | 'private_key_jwt';
  /** With `private_key_jwt` only. */
  jwks?: PublicKeys;
}

/**
 * Checks a client metadata document (draft-ietf-oauth-client-id-metadata-document,
 * section 4). What is not in {@link ClientDocument} is left out.
 *
 * @param document - the parsed JSON
 * @param id - the URL from which it was fetched
 * @param fetchKeys - fetches the JWK set at a URL
 * @throws InputError with what is wrong
 */
export async function readDocument(
  document: unknown,
  id: URL,
  fetchKeys: (url: URL) => Promise<unknown>,
): Promise<ClientDocument> {
  if (!isJsonObject(document)) {
    throw new InputError('The client metadata document is no JSON object');
  }
  if (document.client_id !== id.href) {
    throw new InputError(
      'client_id of the client metadata document is not the URL at which it is',
    );
  }
  if (Object.keys(document).some(key => key.startsWith('client_secret'))) {
    throw new InputError(
      'The client metadata document contains a client secret, which everyone can read; remove it',
    );
  }
  return {
    client_id: id.href,
    ...readDescription(document, id),
    ...(await readAuthentication(document, id, fetchKeys)),
  };
}

function readDescription(
  document: Record<string, unknown>,
  id: URL,
): SelfDescription {
  try {
    return readSelfDescription(document, id.host);
  } catch (error) {
    throw new InputError(
      `In the client metadata document ${toError(error).message}`,
      error,
    );
  }
}

async function readAuthentication(
  document: Record<string, unknown>,
  id: URL,
  fetchKeys: (url: URL) => Promise<unknown>,
): Promise<Pick<ClientDocument, 'token_endpoint_auth_method' | 'jwks'>> {
  const method = document.token_endpoint_auth_method ?? 'none';
  if (method === 'none') {
    return { token_endpoint_auth_method: method };
  }
  if (method !== 'private_key_jwt') {
    throw new InputError(
      'token_endpoint_auth_method of the client metadata document has to be none or private_key_jwt',
    );
  }
  const { jwks, jwks_uri: jwksUri } = document;
  if ((jwks === undefined) === (jwksUri === undefined)) {
    throw new InputError(
      'The client metadata document has to have either jwks or jwks_uri for private_key_jwt',
    );
  }
  return {
    token_endpoint_auth_method: method,
    // Fetched here: nothing else may fetch from a URL that a stranger gave.
    jwks: readPublicKeys(jwks ?? (await fetchKeys(keysUrl(jwksUri, id)))),
  };
}

function keysUrl(value: unknown, id: URL): URL {
  const url = typeof value === 'string' ? URL.parse(value) : null;
  if (
    !url ||
    url.origin !== id.origin ||
    url.username ||
    url.password ||
    url.hash
  ) {
    throw new InputError(
      'jwks_uri of the client metadata document has to be a URL with the same scheme, host and port as the document',
    );
  }
  return url;
}
