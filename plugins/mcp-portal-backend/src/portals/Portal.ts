import type { ToolClass } from '@prompt-corner/plugin-mcp-portal-common';
import type { HumanDuration } from '@backstage/types';
import type { CodeModeSetting } from '../codeMode/mode';
import type { NamingStrategy } from '../names';
import type { Condition } from './conditions';

/** Who may enter a portal, by full entity refs in lower case. */
export interface PortalAudience {
  users: ReadonlySet<string>;
  groups: ReadonlySet<string>;
  services: ReadonlySet<string>;
  /** Everybody who has signed in. */
  everybody: boolean;
  /** Also those who have not. */
  anonymous: boolean;
}

/** One endpoint for a set of servers, and the rules for all that go through it. */
export interface Portal {
  /** In its URL: letters, digits, `-` and `_`. */
  name: string;
  title: string;
  /** Told to clients as instructions. */
  description?: string;
  audience: PortalAudience;
  /** Names of its servers; absent when it has all that are approved. */
  servers?: ReadonlySet<string>;
  /** What its tools may be. */
  classes: ReadonlySet<ToolClass>;
  /** All have to hold, at each request. */
  conditions: Condition[];
  naming: NamingStrategy;
  /** Whether it has tools of its own (`portal_…`); not where names are those of its one server. */
  ownTools: boolean;
  codeMode: CodeModeSetting;
  /** For each caller. */
  rateLimit: { requests: number; window: HumanDuration };
}
