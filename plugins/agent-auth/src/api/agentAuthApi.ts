import {
  ApiBlueprint,
  discoveryApiRef,
  fetchApiRef,
} from '@backstage/frontend-plugin-api';
import { AgentAuthClient } from '@prompt-corner/plugin-agent-auth-common';
import { agentAuthApiRef } from './agentAuthApiRef';

export const agentAuthApi = ApiBlueprint.make({
  params: defineParams =>
    defineParams({
      api: agentAuthApiRef,
      deps: { discoveryApi: discoveryApiRef, fetchApi: fetchApiRef },
      factory: ({ discoveryApi, fetchApi }) =>
        new AgentAuthClient({ discoveryApi, fetchApi }),
    }),
});
