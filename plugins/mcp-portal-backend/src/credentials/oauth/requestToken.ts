import { CustomErrorBase, ServiceUnavailableError } from '@backstage/errors';
import { z } from 'zod';

/** A `fetch` with bounds. */
export type Fetch = (
  url: string | URL,
  init?: RequestInit,
) => Promise<Response>;

/** A client of an authorization server. */
export interface OAuthClient {
  id: string;
  /** Public clients have none. */
  secret?: string;
  authMethod?: 'client_secret_basic' | 'client_secret_post';
}

/** What an authorization server gave. Times are milliseconds since the epoch. */
export interface GivenTokens {
  accessToken: string;
  refreshToken?: string;
  issuedAt: number;
  expiresAt?: number;
  /** Of the refresh token, as far as the server tells. */
  refreshExpiresAt?: number;
  /** Absent when it is what was asked for. */
  scope?: string;
}

/** An authorization server did not accept what it was given. */
export class TokenRefusedError extends CustomErrorBase {
  name = 'TokenRefusedError' as const;

  constructor(
    tokenEndpoint: string,
    /** Of RFC 6749, section 5.2. */
    readonly code: string,
  ) {
    super(
      `The authorization server at ${
        new URL(tokenEndpoint).host
      } gave no token: ${code}`,
    );
  }
}

/** Longer ones exist for nobody, and would not fit in a header. */
const MAX_TOKEN_LENGTH = 16_000;

/** Printable ASCII without spaces: what a header can carry. */
const token = z
  .string()
  .max(MAX_TOKEN_LENGTH)
  .regex(/^[\x21-\x7e]+$/);

/** Some servers send numbers as texts. */
const seconds = z.coerce
  .number()
  .positive()
  .max(1e10)
  .optional()
  .catch(undefined);

const answerSchema = z.object({
  access_token: token,
  // Section 5.1 requires it; what is missing is taken for the only type there is here.
  token_type: z
    .string()
    .regex(/^bearer$/i)
    .optional(),
  expires_in: seconds,
  // Not in any RFC, but sent by Keycloak and GitHub.
  refresh_expires_in: seconds,
  refresh_token_expires_in: seconds,
  refresh_token: token.optional(),
  scope: z.string().max(20_000).optional(),
});

const errorSchema = z.object({ error: z.string().regex(/^[a-z_]{1,60}$/) });

/**
 * Asks an authorization server for a token (RFC 6749, sections 4 to 6; RFC
 * 8693). What it answers does not get into messages: it may hold secrets.
 *
 * @param options.parameters - of the grant
 * @throws TokenRefusedError when it refuses, with its error code
 * @throws ServiceUnavailableError when it does not answer with sense
 */
export async function requestToken(options: {
  fetch: Fetch;
  tokenEndpoint: string;
  client: OAuthClient;
  parameters: Record<string, string | undefined>;
}): Promise<GivenTokens> {
  const { fetch, tokenEndpoint, client } = options;
  const { host } = new URL(tokenEndpoint);
  const body = new URLSearchParams();
  for (const [name, value] of Object.entries(options.parameters)) {
    if (value !== undefined) {
      body.set(name, value);
    }
  }
  const issuedAt = Date.now();
  const response = await fetch(tokenEndpoint, {
    method: 'POST',
    headers: {
      accept: 'application/json',
      ...authenticate(client, body),
    },
    body,
    // A token endpoint does not redirect; what it was sent is for it alone.
    redirect: 'manual',
  });
  const answer = await response.json().catch(() => undefined);
  const refused = errorSchema.safeParse(answer);
  // Some servers refuse with status 200.
  if (refused.success && response.status < 500) {
    throw new TokenRefusedError(tokenEndpoint, refused.data.error);
  }
  const given = answerSchema.safeParse(answer);
  if (!response.ok || !given.success) {
    throw new ServiceUnavailableError(
      `The authorization server at ${host} answered with status ${response.status} and no bearer token`,
    );
  }
  const { data } = given;
  const at = (lifetime?: number) =>
    lifetime === undefined ? undefined : issuedAt + lifetime * 1000;
  return {
    accessToken: data.access_token,
    refreshToken: data.refresh_token,
    issuedAt,
    expiresAt: at(data.expires_in),
    refreshExpiresAt: at(
      data.refresh_expires_in ?? data.refresh_token_expires_in,
    ),
    scope: data.scope,
  };
}

/**
 * Tells who asks (RFC 6749, section 2.3).
 *
 * @param body - gets what does not go into a header
 * @returns headers
 */
export function authenticate(
  client: OAuthClient,
  body: URLSearchParams,
): Record<string, string> {
  if (
    client.secret === undefined ||
    client.authMethod === 'client_secret_post'
  ) {
    body.set('client_id', client.id);
    if (client.secret !== undefined) {
      body.set('client_secret', client.secret);
    }
    return {};
  }
  const pair = [client.id, client.secret].map(formEncoded).join(':');
  return {
    authorization: `Basic ${Buffer.from(pair).toString('base64')}`,
  };
}

function formEncoded(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1);
}
