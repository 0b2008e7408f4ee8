import type { CatalogueDocument } from './CatalogueDocument';

/** Somebody may still use a model for as long after it left the source. */
export const KEPT_DAYS = 180;
const DAY_MS = 24 * 60 * 60_000;

/**
 * Keeps models that a source has no more, with what was known last, for
 * {@link KEPT_DAYS} days: providers serve many for longer than models.dev lists
 * them, and what they cost is to be counted.
 *
 * A provider of which the source has nothing at all keeps all its models as they
 * were: that is a mistake of the source. So does one that was not asked for, as
 * another replica, which has another configuration for a while, needs it.
 *
 * @param next - what the source has now
 * @param previous - what was kept before
 */
export function keepGone(
  next: CatalogueDocument,
  previous: CatalogueDocument,
  now: Date,
): CatalogueDocument {
  const providers = new Map(next.providers);
  const goneSince = new Map(next.goneSince);
  const oldest = now.getTime() - KEPT_DAYS * DAY_MS;
  for (const [provider, before] of previous.providers) {
    const after = next.providers.get(provider);
    const kept = new Map(after);
    for (const [id, model] of before) {
      const key = `${provider}/${id}`;
      const since =
        previous.goneSince.get(key) ?? (after ? now.toISOString() : undefined);
      const isOld = since !== undefined && Date.parse(since) < oldest;
      if (!kept.has(id) && !isOld) {
        kept.set(id, model);
        if (since) {
          goneSince.set(key, since);
        }
      }
    }
    if (kept.size > 0) {
      providers.set(provider, kept);
    }
  }
  return { ...next, providers, goneSince };
}
