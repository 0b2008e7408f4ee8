// scripts/ is no package that could be imported by name.
// eslint-disable-next-line @backstage/no-relative-monorepo-imports
import { signIn } from '../../../../scripts/lib/signIn.mjs';
import { sharedDemo } from './sharedDemo';
import { READY_TIMEOUT_MS, waitUntilReady } from './waitUntilReady';

const ENDPOINT = '/api/catalog-mcp/v1';

/** People of the demo organisation who can sign in. */
export type Persona = 'ada' | 'linus' | 'joan' | 'grace';

/** The demo portal of this run. */
export interface Demo {
  /** Base URL of the portal. */
  url: string;
  /** URL of the catalog's MCP server. */
  endpoint: string;
  /** Signs a persona in without a browser, and returns a Backstage user token. */
  signIn(persona: Persona): Promise<string>;
}

/**
 * The demo that all test files of a run share; tests start when it is ready.
 *
 * Whoever signs in to an MCP client by OAuth takes a persona of their own:
 * Backstage keeps one refresh token for a user and client, so two test files
 * with the same persona would sign each other out.
 */
export function useDemo(): Demo {
  const address = sharedDemo();
  beforeAll(async () => {
    await waitUntilReady(address);
  }, READY_TIMEOUT_MS);
  return {
    url: address.url,
    endpoint: `${address.url}${ENDPOINT}`,
    async signIn(persona) {
      const { token } = await signIn(address.url, persona);
      return token;
    },
  };
}
