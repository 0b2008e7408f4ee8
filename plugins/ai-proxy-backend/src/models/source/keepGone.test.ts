import { sourceDocument, sourceModel } from '../__testUtils__/sourceModels';
import { readDocument } from './CatalogueDocument';
import { KEPT_DAYS, keepGone } from './keepGone';

const documentOf = (providers: Record<string, string[]>) =>
  readDocument(
    sourceDocument(
      Object.fromEntries(
        Object.entries(providers).map(([id, models]) => [
          id,
          models.map(model => sourceModel(model)),
        ]),
      ),
    ),
    Object.keys(providers),
  );

const now = new Date('2026-11-21T00:00:00Z');
const later = (days: number) =>
  new Date(now.getTime() + days * 24 * 60 * 60_000);

describe('models that left the source', () => {
  const before = documentOf({ p: ['old', 'new'], q: ['x'] });
  const after = documentOf({ p: ['new', 'newest'], q: ['x'] });

  it('stay, and it is known since when they are gone', () => {
    const kept = keepGone(after, before, now);
    expect([...kept.providers.get('p')!.keys()]).toEqual([
      'new',
      'newest',
      'old',
    ]);
    expect(kept.goneSince).toEqual(new Map([['p/old', now.toISOString()]]));
  });

  it('are gone since the first time, and stay only so long', () => {
    const first = keepGone(after, before, now);
    const second = keepGone(after, first, later(KEPT_DAYS));
    expect(second.goneSince.get('p/old')).toBe(now.toISOString());
    const third = keepGone(after, second, later(KEPT_DAYS + 1));
    expect([...third.providers.get('p')!.keys()]).toEqual(['new', 'newest']);
    expect(third.goneSince.size).toBe(0);
  });

  it('are as any other when they come back', () => {
    const gone = keepGone(after, before, now);
    const back = keepGone(before, gone, later(1));
    expect(back.goneSince.has('p/old')).toBe(false);
    expect(back.goneSince.get('p/newest')).toBe(later(1).toISOString());
  });

  it('are not gone when all of their provider is away', () => {
    const kept = keepGone(documentOf({ q: ['x'] }), before, now);
    expect([...kept.providers.get('p')!.keys()]).toEqual(['old', 'new']);
    expect(kept.goneSince.size).toBe(0);
  });
});
