import { renderAttribution } from '../../profile/renderAttribution';
import type { Style } from '../../report';
import { SIZE_TITLES } from '../budgets';
import { REVISIONS } from '../client/McpConnection';
import type { PortalProfile } from './profilePortal';

/** Renders where the portal's time went, in microseconds a call. */
export function renderProfile(profiles: PortalProfile[], style: Style): string {
  return profiles
    .map(({ era, size, clients, ...profile }) =>
      renderAttribution(
        {
          title: `${REVISIONS[era]}, ${SIZE_TITLES[size]}, clients: ${clients}`,
          ...profile,
        },
        style,
      ),
    )
    .join('\n\n');
}
