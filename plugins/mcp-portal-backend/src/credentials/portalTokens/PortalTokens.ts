import type { Caller } from '../../callers/Caller';
import type { CallerTokens } from '../callerTokens';
import { type Fetch, requestToken } from '../oauth';
import type { SettingsOf } from '../settings';
import type { UpstreamServer } from '../UpstreamServer';
import { TokenCache } from './TokenCache';

const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const JWT = 'urn:ietf:params:oauth:token-type:jwt';

/** Tokens that the portal gets without the user: its own, and those for a caller. */
export class PortalTokens {
  readonly #callerTokens: CallerTokens;
  readonly #fetch: Fetch;
  readonly #cache = new TokenCache();

  constructor(options: { callerTokens: CallerTokens; fetch: Fetch }) {
    this.#callerTokens = options.callerTokens;
    this.#fetch = options.fetch;
  }

  /**
   * A token of the portal's own (RFC 6749, section 4.4).
   *
   * @param revision - of the settings
   * @throws NotAllowedError when the authorization server refuses
   */
  async own(
    server: UpstreamServer,
    revision: string,
    settings: SettingsOf<'client-credentials'>,
  ): Promise<string> {
    return this.#cache.get(keyOf(server, revision), () =>
      requestToken({
        fetch: this.#fetch,
        tokenEndpoint: settings.tokenEndpoint,
        client: settings.client,
        parameters: {
          grant_type: 'client_credentials',
          scope: settings.scopes?.join(' '),
          audience: settings.audience,
          resource: settings.resource,
        },
      }),
    );
  }

  /**
   * A token that an authorization server gives for the caller token (RFC 8693).
   *
   * @param revision - of the settings
   * @throws NotAllowedError when the authorization server refuses, or the caller is anonymous
   */
  async exchanged(
    server: UpstreamServer,
    revision: string,
    settings: SettingsOf<'token-exchange'>,
    caller: Caller,
  ): Promise<string> {
    return this.#cache.get(keyOf(server, revision, caller), async () =>
      requestToken({
        fetch: this.#fetch,
        tokenEndpoint: settings.tokenEndpoint,
        client: settings.client,
        parameters: {
          grant_type: TOKEN_EXCHANGE,
          // For the authorization server only: nobody else takes it.
          subject_token: await this.#callerTokens.sign(caller, {
            audience: settings.tokenEndpoint,
            groupsClaim: settings.groupsClaim,
          }),
          subject_token_type: JWT,
          requested_token_type: settings.requestedTokenType ?? ACCESS_TOKEN,
          scope: settings.scopes?.join(' '),
          audience: settings.audience,
          resource: settings.resource,
        },
      }),
    );
  }

  /**
   * Forgets a token that a server refused.
   *
   * @param refused - the token, when it is known
   * @param caller - for whom it was, if it was an exchanged one
   * @returns whether the next one could be better
   */
  forget(
    refused: string | undefined,
    server: UpstreamServer,
    revision: string,
    caller?: Caller,
  ): boolean {
    return this.#cache.forget(keyOf(server, revision, caller), refused);
  }
}

function keyOf(
  server: UpstreamServer,
  revision: string,
  caller?: Caller,
): string {
  return JSON.stringify([
    server.entityRef,
    revision,
    // All that the subject token says of the caller.
    caller && [
      caller.kind,
      caller.uuid,
      caller.client.id,
      [...caller.scopes].sort(),
      [...caller.teams].sort(),
    ],
  ]);
}
