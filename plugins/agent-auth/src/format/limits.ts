import type { GrantLimits } from '@prompt-corner/plugin-agent-auth-common';

const DOLLARS = new Intl.NumberFormat('en', {
  style: 'currency',
  currency: 'USD',
});

/** Says what narrows a connection besides its scopes, one sentence a limit. */
export function describeLimits(limits: GrantLimits): string[] {
  const sentences: string[] = [];
  if (limits.servers) {
    sentences.push(`Only servers ${limits.servers.join(', ')}`);
  }
  if (limits.models) {
    sentences.push(`Only models ${limits.models.join(', ')}`);
  }
  if (limits.budgetUsdPerDay !== undefined) {
    sentences.push(`At most ${DOLLARS.format(limits.budgetUsdPerDay)} a day`);
  }
  return sentences;
}
