import { mockServices } from '@backstage/backend-test-utils';
import { PolicyEngine } from '../PolicyEngine';
import type {
  PolicyCaller,
  PolicyQuestion,
  PolicyServer,
  PolicyTarget,
} from '../PolicyQuestion';

export const github: PolicyServer = {
  name: 'github',
  entityRef: 'api:default/github-mcp',
  owner: 'group:default/platform-team',
  system: 'system:default/source-control',
  domain: 'domain:default/engineering',
  tags: ['internal', 'code'],
};

export const ada: PolicyCaller = {
  kind: 'user',
  uuid: '00000000-0000-4000-8000-00000000000a',
  entityRef: 'user:default/ada',
  teams: ['group:default/checkout', 'group:default/engineering'],
  client: { id: 'claude-code', name: 'Claude Code' },
  scopes: new Set(['tools:read', 'tools:write']),
  claims: {},
  network: { address: '203.0.113.7', names: [], device: {} },
};

/** A question of Ada, about a tool of GitHub that reads, at noon of a Wednesday. */
export function question(
  changes: {
    caller?: Partial<PolicyCaller>;
    target?: Partial<PolicyTarget>;
  } & Omit<Partial<PolicyQuestion>, 'caller' | 'target'> = {},
): PolicyQuestion {
  return {
    portal: 'main',
    action: 'call_tool',
    now: new Date('2026-11-18T12:00:00Z'),
    ...changes,
    caller: { ...ada, ...changes.caller },
    target: {
      server: github,
      name: 'get_issue',
      toolClass: 'read',
      ...changes.target,
    },
  };
}

/** An engine with policies in its configuration, and without those that come with the portal. */
export function engineOf(
  policies: string,
  section: Record<string, unknown> = {},
): PolicyEngine {
  return new PolicyEngine({
    config: mockServices.rootConfig({
      data: { mcpPortal: { policy: { default: false, policies, ...section } } },
    }),
    logger: mockServices.logger.mock(),
    digestKey: Buffer.alloc(32, 1),
  });
}
