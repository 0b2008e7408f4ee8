import {
  Configuration,
  interactionPolicy,
  KoaContextWithOIDC,
  Provider,
} from 'oidc-provider';
import { EXCHANGE_GRANT } from '../clients/toClientMetadata';
import { resourceTypes } from '@prompt-corner/plugin-agent-auth-common';
import type { KeySet } from '../keys/ServerKeys';
import type { OAuthRecords } from '../records/OAuthRecords';
import { hashToken } from '@prompt-corner/plugin-agent-auth-node';
import { errorPage } from './errorPage';
import { AuthorizationPolicy, SCOPE_DEFAULTED } from './AuthorizationPolicy';
import { constantTimeEqual } from './constantTimeEqual';

/** Paths of the OAuth endpoints, below the issuer. */
export const oauthRoutes = {
  authorization: '/oauth/authorize',
  token: '/oauth/token',
  jwks: '/oauth/jwks',
  revocation: '/oauth/revoke',
  registration: '/oauth/register',
  device_authorization: '/oauth/device_authorization',
  pushed_authorization_request: '/oauth/par',
  code_verification: '/device',
};

/** Time to sign in and decide; the MCP security guidance asks for 10 minutes at most. */
const INTERACTION_SECONDS = 10 * 60;

/** An authorization code is exchanged by a program, at once. */
const CODE_SECONDS = 60;

const DEVICE_CODE_SECONDS = 10 * 60;

/** Nothing is remembered in a session, it only lasts for one authorization request. */
const SESSION_SECONDS = 60;

const CLOCK_TOLERANCE_SECONDS = 60;

/** A refresh token that is not used for so long ends, whatever the connection's lifetime. */
const REFRESH_IDLE_SECONDS = 30 * 24 * 60 * 60;

/**
 * The OAuth 2.1 authorization server. It decides nothing by itself: who signs
 * in and what they grant comes from the consent page, by way of `policy`.
 */
export function createProvider(options: {
  /** External base URL of the plugin. */
  issuer: string;
  keys: KeySet;
  records: OAuthRecords;
  policy: AuthorizationPolicy;
  dynamicRegistration: boolean;
  /** Handles the token exchange grant. */
  exchange: (context: KoaContextWithOIDC) => Promise<void>;
}): Provider {
  const { issuer, keys, records, policy, dynamicRegistration, exchange } =
    options;
  const secure = issuer.startsWith('https:');
  const configuration: Configuration = {
    adapter: model =>
      model === 'Client' ? policy.clientAdapter() : records.adapterOf(model),
    jwks: { keys: keys.signing as never },
    cookies: {
      keys: keys.cookie,
      // The prefix makes browsers refuse them from an insecure origin.
      names: Object.fromEntries(
        (['session', 'interaction', 'resume'] as const).map(name => [
          name,
          `${secure ? '__Secure-' : ''}agent-auth-${name}`,
        ]),
      ),
      long: { httpOnly: true, sameSite: 'lax', secure, signed: true },
      short: { httpOnly: true, sameSite: 'lax', secure, signed: true },
    },
    routes: oauthRoutes,
    responseTypes: ['code'],
    scopes: ['openid', 'offline_access'],
    claims: { openid: ['sub'] },
    clientDefaults: {
      // For clients that register themselves: most are programs, with a scheme of their own.
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      id_token_signed_response_alg: keys.signing[0].alg as 'ES256',
    },
    clientAuthMethods: [
      'none',
      'client_secret_basic',
      'client_secret_post',
      'private_key_jwt',
    ],
    discovery: {
      client_id_metadata_document_supported: policy.acceptsClientDocuments,
    },
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      clientCredentials: { enabled: true },
      pushedAuthorizationRequests: { enabled: true },
      revocation: {
        enabled: true,
        allowedPolicy: (_ctx, client, token) => policy.mayRevoke(client, token),
      },
      dPoP: { enabled: true },
      registration: {
        enabled: dynamicRegistration,
        issueRegistrationAccessToken: false,
      },
      deviceFlow: { enabled: true, charset: 'base-20', mask: '****-****' },
      resourceIndicators: {
        enabled: true,
        defaultResource: (ctx, client, oneOf) =>
          policy.defaultResource(ctx, client, oneOf),
        getResourceServerInfo: (ctx, resource, client) =>
          policy.resourceServer(ctx, resource, client),
        useGrantedResource: async () => true,
      },
    },
    // Clocks of replicas differ.
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    pkce: { required: () => true },
    extraParams: [SCOPE_DEFAULTED],
    interactions: {
      policy: alwaysAsk(),
      url: (_ctx, { uid }) => `${issuer}/interactions/${uid}`,
    },
    loadExistingGrant: async ctx => {
      const grantId = ctx.oidc.result?.consent?.grantId;
      return grantId ? ctx.oidc.provider.Grant.find(grantId) : undefined;
    },
    findAccount: (_ctx, uuid) => policy.findAccount(uuid),
    issueRefreshToken: async (_ctx, client) =>
      client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: () => true,
    expiresWithSession: async () => false,
    extraTokenClaims: (ctx, token) => policy.extraTokenClaims(ctx, token),
    ttl: {
      Interaction: () => INTERACTION_SECONDS,
      Session: () => SESSION_SECONDS,
      AuthorizationCode: () => CODE_SECONDS,
      DeviceCode: () => DEVICE_CODE_SECONDS,
      IdToken: () => 60 * 60,
      AccessToken: (ctx, token) => policy.accessTokenSeconds(ctx, token),
      ClientCredentials: (ctx, token) => policy.accessTokenSeconds(ctx, token),
      Grant: () => REFRESH_IDLE_SECONDS,
      RefreshToken: ctx =>
        Math.min(REFRESH_IDLE_SECONDS, policy.remainingGrantSeconds(ctx)),
    },
    // A page of the client may call the token endpoint; it has no cookie to lose there.
    clientBasedCORS: (_ctx, _origin, client) =>
      client.clientAuthMethod === 'none',
    renderError: (ctx, out) => {
      ctx.type = 'html';
      ctx.set(
        'content-security-policy',
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
      );
      ctx.body = errorPage(out);
    },
  };

  const provider = new Provider(issuer, configuration);
  provider.use(async (ctx, next) => {
    await next();
    if (ctx.oidc?.route === 'registration' && ctx.status === 201) {
      // What was kept, which may be less than what was sent.
      const { client_id: id } = ctx.body as { client_id: string };
      ctx.body = (await provider.Client.find(id))?.metadata();
    }
    // The library lists only scopes that belong to no resource.
    if (ctx.oidc?.route === 'discovery') {
      (ctx.body as { scopes_supported: string[] }).scopes_supported.push(
        ...resourceTypes.flatMap(({ scopes }) =>
          scopes.map(({ name }) => name),
        ),
      );
    }
  });
  // The mount sets the forwarded headers itself, from the issuer.
  provider.proxy = true;
  provider.Client.prototype.compareClientSecret = function compare(
    this: { clientSecret?: string },
    actual: string,
  ) {
    return constantTimeEqual(this.clientSecret ?? '', hashToken(actual));
  };
  provider.registerGrantType(EXCHANGE_GRANT, exchange, [
    'subject_token',
    'subject_token_type',
    'resource',
    'audience',
    'scope',
    'requested_token_type',
  ]);
  return provider;
}

/** Each authorization request goes to the consent page, whatever the browser's session. */
function alwaysAsk() {
  const { Check, Prompt } = interactionPolicy;
  const login = new Prompt(
    { name: 'login', requestable: true },
    new Check('no_login', 'The user has to sign in', ctx =>
      ctx.oidc.result?.login ? Check.NO_NEED_TO_PROMPT : Check.REQUEST_PROMPT,
    ),
  );
  const consent = new Prompt(
    { name: 'consent', requestable: true },
    new Check('no_consent', 'The user has to approve', ctx =>
      ctx.oidc.result?.consent ? Check.NO_NEED_TO_PROMPT : Check.REQUEST_PROMPT,
    ),
  );
  const selectAccount = new Prompt({
    name: 'select_account',
    requestable: true,
  });
  return [login, consent, selectAccount];
}
