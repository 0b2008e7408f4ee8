import { USUAL } from '../sizes';
import { TEAM_REF } from './entities';

/**
 * What an operator adds to the policies that the portal comes with: 13 permits
 * for writing, one for destroying with approval, and 6 that forbid on conditions
 * which every call has to be asked about. None refuses what is measured, and all
 * tools can be listed.
 */
export const OPERATOR_POLICIES: string[] = [
  ...USUAL.servers.map(
    server => `@id("write-${server}")
permit (
  principal in Team::"${TEAM_REF}",
  action == Action::"call_tool",
  resource in Server::"${server}"
)
when { resource.class == ToolClass::"write" };`,
  ),
  `@id("destroy-with-approval")
@approval("${TEAM_REF}")
permit (
  principal in Team::"${TEAM_REF}",
  action == Action::"call_tool",
  resource
)
when { resource.class == ToolClass::"destructive" };`,
  forbid(
    'only-with-a-scope-for-reading',
    'unless { context.scopes.contains("tools:read") }',
  ),
  forbid('no-weak-sign-in', 'when { context.claims.amr.contains("sms") }'),
  forbid(
    'not-after-the-contract',
    'when { context.time.now > datetime("2099-12-31") }',
  ),
  forbid(
    'no-secret-project',
    'when { context.arguments.text.hasTag("project") && context.arguments.text.getTag("project") == "atlas" }',
  ),
  forbid(
    'no-embargoed-labels',
    'when { context.arguments.lists.hasTag("labels[]") && context.arguments.lists.getTag("labels[]").contains("embargo") }',
  ),
  forbid('no-scripts', 'when { context.client.id like "script-*" }'),
];

function forbid(id: string, condition: string): string {
  return `@id("${id}")
forbid (principal, action == Action::"call_tool", resource)
${condition};`;
}
