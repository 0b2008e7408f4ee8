/** A model as models.dev has it. */
export function sourceModel(id: string, changes: object = {}) {
  return {
    id,
    name: `The ${id}`,
    attachment: true,
    reasoning: true,
    tool_call: true,
    temperature: true,
    release_date: '2026-01-01',
    last_updated: '2026-01-02',
    modalities: { input: ['text', 'image'], output: ['text'] },
    open_weights: false,
    limit: { context: 200_000, output: 64_000 },
    cost: { input: 3, output: 15, cache_read: 0.3, cache_write: 3.75 },
    ...changes,
  };
}

/** A document as models.dev has it. */
export function sourceDocument(
  providers: Record<string, Array<{ id: string }>>,
): Record<string, { id: string; models: Record<string, { id: string }> }> {
  return Object.fromEntries(
    Object.entries(providers).map(([id, models]) => [
      id,
      { id, models: Object.fromEntries(models.map(each => [each.id, each])) },
    ]),
  );
}
