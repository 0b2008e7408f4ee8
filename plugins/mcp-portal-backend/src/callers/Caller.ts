import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import type {
  AgentClaims,
  AgentNetwork,
} from '@prompt-corner/plugin-agent-auth-node';

/**
 * Who is calling a portal, as far as the portal has to know: everything that
 * decides, is recorded or signs in upstream reads it from here.
 */
export interface Caller {
  kind: 'user' | 'service' | 'anonymous';
  /**
   * Random and durable. Of an anonymous caller, a keyed hash of the network
   * address: the same for the same address, and nobody's.
   */
  uuid: string;
  /** Full entity ref in lower case; anonymous callers have none. Never recorded or logged. */
  entityRef?: string;
  /** Full entity refs of the groups, nested ones too. */
  teams: string[];
  client: {
    id: string;
    name: string;
    /** As the client says; proves nothing. */
    version?: string;
  };
  /** The grant that the token belongs to. */
  connectionId?: string;
  scopes: ReadonlySet<string>;
  /** Names of servers to which the user limited the grant; absent when not limited. */
  servers?: string[];
  claims: AgentClaims;
  network: AgentNetwork;
  /**
   * To act in Backstage for the caller.
   *
   * @throws AuthenticationError when the caller has to sign in again, or is anonymous
   */
  backstageCredentials(): Promise<BackstageCredentials>;
}
