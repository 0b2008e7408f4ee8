import type { MetricsService } from '@backstage/backend-plugin-api/alpha';
import type { RegistryView } from './view';

/** Measures what is served although the catalog does not have it. */
export function observeRegistry(options: {
  metrics: MetricsService;
  view: Pick<RegistryView, 'current'>;
}): void {
  const { metrics, view } = options;
  metrics
    .createObservableGauge('mcp_portal.registry.unconfirmed_absences', {
      description:
        'Approved servers that are missing in the catalog, and served until that is certain',
    })
    .addCallback(result => result.observe(absences(view)));
}

function absences(view: Pick<RegistryView, 'current'>): number {
  try {
    return [...view.current().servers.values()].filter(
      ({ absentSince }) => absentSince !== undefined,
    ).length;
  } catch {
    // The registry cannot be read, so that nothing is served.
    return 0;
  }
}
