import type { ConfiguredClient } from '../config';

/** Client id of the login scripts that the portal serves. */
export const LOGIN_CLIENT_ID = 'prompt-corner-login';

/** Client id that is added to the requests of Claude Code, which sends none. */
export const CLAUDE_CODE_CLIENT_ID = 'claude-code';

/** Client id under which personal tokens are kept. */
export const PERSONAL_TOKEN_CLIENT_ID = 'personal-token';

/** Client id under which exchanged tokens are kept. */
export const EXCHANGE_CLIENT_ID = 'token-exchange';

/** Clients that come with the product. */
export const builtInClients: ConfiguredClient[] = [
  {
    id: LOGIN_CLIENT_ID,
    name: 'Prompt Corner login',
    redirectUris: [],
    deviceFlow: true,
    confidential: false,
    fromConfig: true,
  },
  {
    id: CLAUDE_CODE_CLIENT_ID,
    name: 'Claude Code',
    redirectUris: [],
    deviceFlow: true,
    confidential: false,
    fromConfig: true,
  },
  {
    // Public: the proof of the request is the trusted token that it carries.
    id: EXCHANGE_CLIENT_ID,
    name: 'Token exchange',
    redirectUris: [],
    deviceFlow: false,
    confidential: false,
    fromConfig: true,
  },
  {
    // Signs in nowhere: users make its tokens on the page.
    id: PERSONAL_TOKEN_CLIENT_ID,
    name: 'Personal token',
    redirectUris: [],
    deviceFlow: false,
    confidential: false,
    fromConfig: true,
  },
];
