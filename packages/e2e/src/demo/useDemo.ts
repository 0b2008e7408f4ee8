// scripts/ is no package that could be imported by name.
/* eslint-disable @backstage/no-relative-monorepo-imports */
import {
  AgentResourceName,
  agentResourceUrl,
  agentSignIn,
  approveDeviceCode,
} from '../../../../scripts/lib/agentSignIn.mjs';
import { signIn } from '../../../../scripts/lib/signIn.mjs';
/* eslint-enable @backstage/no-relative-monorepo-imports */
import { sharedDemo } from './sharedDemo';
import { READY_TIMEOUT_MS, waitUntilReady } from './waitUntilReady';

/** People of the demo organisation who can sign in. */
export type Persona = 'ada' | 'linus' | 'joan' | 'grace';

/** The demo portal of this run. */
export interface Demo {
  /** Base URL of the portal. */
  url: string;
  /** URL of the catalog's MCP server. */
  endpoint: string;
  /** URL of the authorization server for agents. */
  issuer: string;
  /** Folder of the portal's databases. */
  dataDir: string;
  /** Signs a persona in without a browser, and returns a Backstage user token. */
  signIn(persona: Persona): Promise<string>;
  /** Signs an agent in for a persona, and returns its token for a resource. */
  agentToken(persona: Persona, resource?: AgentResourceName): Promise<string>;
  /** Approves, for a persona, the code that a device shows. */
  approveDevice(
    persona: Persona,
    approval: { userCode: string; name?: string },
  ): Promise<void>;
}

/** The demo that all test files of a run share; tests start when it is ready. */
export function useDemo(): Demo {
  const { url, dataDir, ...address } = sharedDemo();
  beforeAll(async () => {
    await waitUntilReady({ url, dataDir, ...address });
  }, READY_TIMEOUT_MS);

  const tokensOf = async (persona: Persona) => {
    const { token, idToken } = await signIn(url, persona);
    return { userToken: token, idToken };
  };
  return {
    url,
    endpoint: agentResourceUrl(url, 'catalog'),
    issuer: `${url}/api/agent-auth`,
    dataDir,
    async signIn(persona) {
      return (await tokensOf(persona)).userToken;
    },
    async agentToken(persona, resource = 'catalog') {
      const { accessToken } = await agentSignIn(url, {
        resource: agentResourceUrl(url, resource),
        ...(await tokensOf(persona)),
      });
      return accessToken;
    },
    async approveDevice(persona, approval) {
      await approveDeviceCode(url, {
        ...approval,
        ...(await tokensOf(persona)),
      });
    },
  };
}
