import { renderAttribution } from '../../profile/renderAttribution';
import type { Style } from '../../report';
import { bodyTitle, deliveryTitle } from '../exchanges/Exchange';
import type { ProxyProfile } from './profileProxy';

/** Renders where the proxy's time went, in microseconds a request. */
export function renderProfile(profiles: ProxyProfile[], style: Style): string {
  return profiles
    .map(({ exchange, connections, ...profile }) =>
      renderAttribution(
        {
          title: `${deliveryTitle(exchange)}, request of ${bodyTitle(
            exchange,
          )}, connections: ${connections}`,
          ...profile,
        },
        style,
      ),
    )
    .join('\n\n');
}
