import { randomUUID } from 'node:crypto';
import type {
  OAuthClientMetadata,
  OAuthClientProvider,
  OAuthDiscoveryState,
  OAuthTokens,
} from '@modelcontextprotocol/client';

/**
 * What an MCP client remembers of its sign-in. The SDKs of both generations
 * take it.
 */
export class ClientMemory implements OAuthClientProvider {
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
   * @param options.clientId - name or document's URL by which the server knows the client
   * @param options.redirectUrl - where the browser returns to
   */
  constructor(options: { clientId: string; redirectUrl: string }) {
    this.#clientId = options.clientId;
    this.redirectUrl = options.redirectUrl;
    this.clientMetadata = { redirect_uris: [options.redirectUrl] };
  }

  // As `clientMetadataUrl`, the URL of a document would have to be HTTPS.
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
