import { InputError } from '@backstage/errors';
import { isLoopbackHost } from '@prompt-corner/guarded-fetch';
import { z } from 'zod';

/** Field names (RFC 9110, section 5.6.2). */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/;

/** No line break, so that a value cannot add a header, and nothing that is sent in another way by each server. */
const HEADER_VALUE = /^[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?$/;

/** Those that belong to the connection or to MCP. */
const RESERVED_HEADER =
  /^(?:accept|connection|content-.*|expect|host|keep-alive|last-event-id|mcp-.*|proxy-.*|te|trailer|transfer-encoding|upgrade)$/i;

/** A scope (RFC 6749, section 3.3). */
export const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]{1,200}$/;

const url = z
  .string()
  .max(500)
  .refine(
    isSecureUrl,
    'has to be an https URL without credentials and fragment',
  );

const origin = z
  .string()
  .refine(
    value => URL.parse(value)?.origin === value && isSecureUrl(value),
    'has to be an https origin, such as https://gitlab.internal',
  );

const scopes = z.array(z.string().regex(SCOPE, 'is no scope')).max(100);

const secret = z
  .string()
  .regex(/^[\x20-\x7e]{1,4000}$/, 'has to consist of printable ASCII');

const expiresAt = z.iso.datetime({ offset: true });

const client = z.strictObject({
  id: z.string().regex(/^[\x21-\x7e]{1,500}$/, 'is no client id'),
  secret: secret.optional(),
  authMethod: z.enum(['client_secret_basic', 'client_secret_post']).optional(),
});

const none = z.strictObject({ mode: z.literal('none') });

const callerToken = z.strictObject({
  mode: z.literal('caller-token'),
  audience: z.string().min(1).max(500).optional(),
  groupsClaim: z
    .string()
    .regex(/^[\w:/.-]{1,100}$/, 'is no name of a claim')
    .refine(
      name =>
        ![
          'iss',
          'sub',
          'aud',
          'exp',
          'nbf',
          'iat',
          'jti',
          'client_id',
          'scope',
        ].includes(name),
      'is a claim that has another meaning',
    )
    .optional(),
});

const header = z.strictObject({
  mode: z.literal('header'),
  origin,
  headers: z
    .array(
      z.strictObject({
        name: z
          .string()
          .regex(HEADER_NAME, 'is no name of a header')
          .refine(name => !RESERVED_HEADER.test(name), 'is set by the portal'),
        value: z
          .string()
          .max(8_000)
          .regex(HEADER_VALUE, 'has to be one line of printable ASCII'),
      }),
    )
    .min(1)
    .max(20),
  expiresAt: expiresAt.optional(),
});

const oauth = z
  .strictObject({
    mode: z.literal('oauth'),
    issuer: url.optional(),
    scopes: scopes.optional(),
    client: client.optional(),
    endpoints: z
      .strictObject({
        authorization: url,
        token: url,
        revocation: url.optional(),
      })
      .optional(),
    expiresAt: expiresAt.optional(),
  })
  .refine(
    ({ issuer, client: own, endpoints }) => issuer || !(own || endpoints),
    {
      path: ['issuer'],
      message:
        'is needed with a client or endpoints of its own: the server itself must not choose who gets the secret',
    },
  );

const clientCredentials = z.strictObject({
  mode: z.literal('client-credentials'),
  origin,
  tokenEndpoint: url,
  client: client.required({ secret: true }),
  scopes: scopes.optional(),
  audience: z.string().min(1).max(500).optional(),
  resource: url.optional(),
  expiresAt: expiresAt.optional(),
});

const tokenExchange = z.strictObject({
  mode: z.literal('token-exchange'),
  origin,
  tokenEndpoint: url,
  client,
  scopes: scopes.optional(),
  audience: z.string().min(1).max(500).optional(),
  resource: url.optional(),
  requestedTokenType: z.string().min(1).max(200).optional(),
  groupsClaim: callerToken.shape.groupsClaim,
  expiresAt: expiresAt.optional(),
});

const backstage = z.strictObject({
  mode: z.literal('backstage'),
  pluginId: z.string().regex(/^[a-z][a-z0-9-]*$/, 'is no id of a plugin'),
});

/** Checks {@link ServerCredentialSettings}. */
export const serverCredentialSettings = z.discriminatedUnion('mode', [
  none,
  callerToken,
  header,
  oauth,
  clientCredentials,
  tokenExchange,
  backstage,
]);

/**
 * How the portal signs in at a server, by `mode`:
 *
 * - `none`: not at all
 * - `caller-token`: with a short token that says who is calling, signed by the portal
 * - `header`: with headers that are the same for everybody
 * - `oauth`: with what each user let the portal do there
 * - `client-credentials`: with a token of the portal's own (RFC 6749, section 4.4)
 * - `token-exchange`: with a token that an authorization server gives for the
 *   caller token (RFC 8693)
 * - `backstage`: as the caller, at a plugin of this backend
 *
 * `origin` is that of the server: a secret is sent nowhere else, whatever the
 * catalog says.
 */
export type ServerCredentialSettings = z.infer<typeof serverCredentialSettings>;

/** Settings of one mode. */
export type SettingsOf<M extends ServerCredentialSettings['mode']> = Extract<
  ServerCredentialSettings,
  { mode: M }
>;

/** An OAuth client that somebody else registered for the portal. */
export type ConfiguredOAuthClient = z.infer<typeof client>;

/**
 * Checks settings.
 *
 * @param where - for messages
 * @throws InputError that says what is wrong, and where; without values
 */
export function parseSettings(
  value: unknown,
  where: string,
): ServerCredentialSettings {
  const result = serverCredentialSettings.safeParse(value);
  if (!result.success) {
    const [{ path, message }] = result.error.issues;
    throw new InputError(`${[where, ...path].join('.')}: ${message}`);
  }
  return result.data;
}

/** Settings as they may be shown: which secrets there are, and none of them. */
export function withoutSecrets(settings: ServerCredentialSettings): object {
  if (settings.mode === 'header') {
    return {
      ...settings,
      headers: settings.headers.map(({ name }) => ({ name, hasValue: true })),
    };
  }
  if ('client' in settings && settings.client) {
    const { secret: hidden, ...shown } = settings.client;
    return {
      ...settings,
      client: { ...shown, hasSecret: hidden !== undefined },
    };
  }
  return settings;
}

function isSecureUrl(value: string): boolean {
  const parsed = URL.parse(value);
  return (
    !!parsed &&
    (parsed.protocol === 'https:' ||
      (parsed.protocol === 'http:' && isLoopbackHost(parsed.hostname))) &&
    !parsed.username &&
    !parsed.password &&
    !value.includes('#')
  );
}
