import { createApiRef } from '@backstage/frontend-plugin-api';
import type { AgentAuthApi } from '@prompt-corner/plugin-agent-auth-common';

/** What the pages ask the agent-auth backend. @public */
export const agentAuthApiRef = createApiRef<AgentAuthApi>().with({
  id: 'plugin.agent-auth.api',
  pluginId: 'agent-auth',
});
