import { InputError } from '@backstage/errors';
import { MAX_CLIENT_NAME_LENGTH, toVisible } from './clientName';
import { DEVICE_GRANT } from './toClientMetadata';
import { readRedirectUris } from './redirectUris';

/** All that such a client may do; it is never a service of its own. */
const GRANT_TYPES = ['authorization_code', 'refresh_token', DEVICE_GRANT];

const DEFAULT_GRANT_TYPES = ['authorization_code', 'refresh_token'];

/** Metadata (RFC 7591, section 2) that a client whom no administrator knows states, and we accept. */
export interface SelfDescription {
  /** At most 100 visible characters, and no more than the client's own claim. */
  client_name?: string;
  /** Home page, on a host that is the client's. */
  client_uri?: string;
  redirect_uris: string[];
  grant_types: string[];
  response_types: 'code'[];
  /** `native` when a redirect leads to the user's machine; then the port of a loopback address does not count. */
  application_type: 'native' | 'web';
}

/**
 * Checks what a client says of itself, in a document or when it registers
 * itself. What is not in {@link SelfDescription} is left out.
 *
 * @param host - the client's, with port; without it, those of its https redirect URIs
 * @throws InputError with what is wrong
 */
export function readSelfDescription(
  metadata: Record<string, unknown>,
  host?: string,
): SelfDescription {
  const name = readName(metadata.client_name);
  const redirects = readRedirectUris(metadata.redirect_uris);
  const hosts = host === undefined ? httpsHosts(redirects.uris) : [host];
  const uri = readUri(metadata.client_uri, hosts);
  const grantTypes = readGrantTypes(metadata);
  return {
    ...(name && { client_name: name }),
    ...(uri && { client_uri: uri }),
    redirect_uris: redirects.uris,
    grant_types: grantTypes,
    response_types: grantTypes.includes('authorization_code') ? ['code'] : [],
    application_type: redirects.native ? 'native' : 'web',
  };
}

function readName(value: unknown): string | undefined {
  if (value === undefined) {
    return undefined;
  }
  if (typeof value !== 'string') {
    throw new InputError('client_name is not a text');
  }
  const name = toVisible(value);
  if (name.length > MAX_CLIENT_NAME_LENGTH) {
    throw new InputError(
      `client_name has ${name.length} characters; at most ${MAX_CLIENT_NAME_LENGTH} are accepted`,
    );
  }
  return name || undefined;
}

function httpsHosts(redirectUris: string[]): string[] {
  return redirectUris
    .map(uri => new URL(uri))
    .filter(({ protocol }) => protocol === 'https:')
    .map(({ host }) => host);
}

/** A page elsewhere would lend its name to a stranger; it is left out. */
function readUri(value: unknown, hosts: string[]): string | undefined {
  const url = typeof value === 'string' ? URL.parse(value) : null;
  return url?.protocol === 'https:' &&
    hosts.includes(url.host) &&
    !url.username &&
    !url.password
    ? url.href
    : undefined;
}

function readGrantTypes(metadata: Record<string, unknown>): string[] {
  const {
    grant_types: grants = DEFAULT_GRANT_TYPES,
    response_types: responses,
  } = metadata;
  if (!Array.isArray(grants)) {
    throw new InputError('grant_types is not a list');
  }
  const accepted = GRANT_TYPES.filter(grant => grants.includes(grant));
  const usesCode = accepted.includes('authorization_code');
  if (!usesCode && !accepted.includes(DEVICE_GRANT)) {
    throw new InputError(
      `grant_types has neither authorization_code nor ${DEVICE_GRANT}`,
    );
  }
  if (
    usesCode &&
    responses !== undefined &&
    !(Array.isArray(responses) && responses.includes('code'))
  ) {
    throw new InputError('response_types has to contain code');
  }
  return accepted;
}
