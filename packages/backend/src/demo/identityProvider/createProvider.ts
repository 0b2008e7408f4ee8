import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { JWK, Provider } from 'oidc-provider';
import { Persona } from './personas';

const SESSION_TTL_SECONDS = 14 * 24 * 60 * 60;

/**
 * Creates the OpenID Connect provider of the demo. Its keys and sessions live as long as the
 * process.
 *
 * @param options - `issuer` is the URL under which the provider is mounted, `redirectUri` that of
 *   the one client
 */
export async function createProvider(options: {
  issuer: string;
  clientId: string;
  clientSecret: string;
  redirectUri: string;
  personas: Persona[];
}): Promise<Provider> {
  const { issuer, clientId, clientSecret, redirectUri, personas } = options;
  const mountPath = new URL(issuer).pathname;
  // Loaded here because it is an ES module and this file is compiled to CommonJS.
  const { Provider: OidcProvider } = await import('oidc-provider');

  return new OidcProvider(issuer, {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: [redirectUri],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
      },
    ],
    jwks: { keys: [createSigningKey()] },
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    features: { devInteractions: { enabled: false } },
    interactions: {
      url: (_ctx, { uid }) => `${mountPath}/interaction/${uid}`,
    },
    claims: {
      // How and when the user signed in is part of each ID token, also after a refresh.
      openid: ['sub', 'amr', 'acr', 'auth_time'],
      profile: ['name', 'preferred_username'],
      email: ['email', 'email_verified'],
    },
    // The ID token names the user's address, as those of companies' providers do.
    conformIdTokenClaims: false,
    ttl: {
      AccessToken: 60 * 60,
      AuthorizationCode: 60,
      Grant: SESSION_TTL_SECONDS,
      IdToken: 60 * 60,
      Interaction: 60 * 60,
      RefreshToken: SESSION_TTL_SECONDS,
      Session: SESSION_TTL_SECONDS,
    },
    // Backstage's OIDC module sends no code challenge; its client has a secret.
    pkce: { required: () => false },
    // Backstage stays signed in by refresh token, without asking for offline_access.
    issueRefreshToken: async (_ctx, client) =>
      client.grantTypeAllowed('refresh_token'),
    expiresWithSession: async () => false,

    async findAccount(_ctx, id) {
      const persona = personas.find(candidate => candidate.id === id);
      if (!persona) {
        return undefined;
      }
      return {
        accountId: persona.id,
        claims: async () => ({
          sub: persona.id,
          name: persona.name,
          preferred_username: persona.id,
          email: persona.email,
          // Backstage ignores an address that is not verified.
          email_verified: true,
        }),
      };
    },

    // The only client is this portal, so there is nothing to consent to.
    async loadExistingGrant(ctx) {
      const { client, session, provider, params } = ctx.oidc;
      const grant = new provider.Grant({
        clientId: client!.clientId,
        accountId: session!.accountId,
      });
      grant.addOIDCScope(String(params!.scope));
      await grant.save();
      return grant;
    },
  });
}

function createSigningKey(): JWK {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    ...privateKey.export({ format: 'jwk' }),
    use: 'sig',
    alg: 'RS256',
    kid: randomBytes(8).toString('hex'),
  } as JWK;
}
