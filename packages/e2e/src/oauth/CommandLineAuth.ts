import { randomUUID } from 'node:crypto';
import type {
  OAuthClientMetadata,
  OAuthClientProvider,
  OAuthDiscoveryState,
  OAuthTokens,
} from '@modelcontextprotocol/client';

/**
 * What an MCP client on the command line remembers of its sign-in. It is the
 * client that Backstage publishes for this, so nobody has to register it.
 */
export class CommandLineAuth implements OAuthClientProvider {
  readonly redirectUrl: string;
  readonly clientMetadata: OAuthClientMetadata;
  /** Where the user has to be sent, each time that was necessary. */
  readonly authorizationUrls: URL[] = [];
  readonly #clientId: string;
  readonly #state = randomUUID();
  #codeVerifier = '';
  #tokens?: OAuthTokens;
  #discovery?: OAuthDiscoveryState;

  /**
   * @param portalUrl - base URL of the portal
   * @param redirectUrl - loopback address with the path `/callback`
   */
  constructor(portalUrl: string, redirectUrl: string) {
    this.#clientId = `${portalUrl}/api/auth/.well-known/oauth-client/cli.json`;
    this.redirectUrl = redirectUrl;
    this.clientMetadata = {
      client_name: 'Backstage CLI',
      redirect_uris: [redirectUrl],
      scope: 'openid offline_access',
    };
  }

  // A client that names itself by `clientMetadataUrl` needs HTTPS, which the demo has not.
  clientInformation() {
    return { client_id: this.#clientId };
  }

  state() {
    return this.#state;
  }

  redirectToAuthorization(url: URL) {
    this.authorizationUrls.push(url);
  }

  saveCodeVerifier(verifier: string) {
    this.#codeVerifier = verifier;
  }

  codeVerifier() {
    return this.#codeVerifier;
  }

  saveTokens(tokens: OAuthTokens) {
    this.#tokens = tokens;
  }

  tokens() {
    return this.#tokens;
  }

  invalidateCredentials(
    scope: 'all' | 'client' | 'tokens' | 'verifier' | 'discovery',
  ) {
    if (scope === 'all' || scope === 'tokens') {
      this.#tokens = undefined;
    }
    if (scope === 'all' || scope === 'discovery') {
      this.#discovery = undefined;
    }
  }

  saveDiscoveryState(discovery: OAuthDiscoveryState) {
    this.#discovery = discovery;
  }

  discoveryState() {
    return this.#discovery;
  }
}
