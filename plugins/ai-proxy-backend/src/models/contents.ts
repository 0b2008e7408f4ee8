import type { CatalogueModel } from '@prompt-corner/plugin-ai-proxy-common';
import type { CatalogueProvider } from './config';
import { CatalogueDocument, SourceModel, toModel } from './source';

/** What a catalogue has, which changes all at once. */
export interface CatalogueContents {
  /** By provider and id. */
  models: Map<string, Map<string, CatalogueModel>>;
  /** The same, by the id in small letters: some servers take any. */
  folded: Map<string, Map<string, CatalogueModel>>;
  /** As the source has them. */
  sources: WeakMap<CatalogueModel, SourceModel>;
  /** By provider: those that are offered, the newest first. */
  offered: Map<string, CatalogueModel[]>;
  document?: CatalogueDocument;
}

/** Puts together what the source has and what the configuration says. */
export function readContents(
  document: CatalogueDocument | undefined,
  options: {
    providers: readonly CatalogueProvider[];
    own: readonly CatalogueModel[];
    permits: (provider: string, id: string) => boolean;
  },
): CatalogueContents {
  const { providers, own, permits } = options;
  const sources = new WeakMap<CatalogueModel, SourceModel>();
  const models: CatalogueContents['models'] = new Map();
  const folded: CatalogueContents['folded'] = new Map();
  const offered: CatalogueContents['offered'] = new Map();
  for (const provider of providers) {
    const { name, has } = provider;
    const its = [
      ...modelsOfSource(document, provider, sources),
      ...own.filter(model => model.provider === name),
    ];
    const byId = new Map(its.map(model => [model.id, model]));
    models.set(name, byId);
    folded.set(
      name,
      new Map(its.map(model => [model.id.toLowerCase(), model])),
    );
    offered.set(
      name,
      [...byId.values()]
        .filter(
          ({ id, goneSince }) => !goneSince && has(id) && permits(name, id),
        )
        .sort(newestFirst),
    );
  }
  return { models, folded, sources, offered, document };
}

function modelsOfSource(
  document: CatalogueDocument | undefined,
  { name, catalogue }: CatalogueProvider,
  sources: WeakMap<CatalogueModel, SourceModel>,
): CatalogueModel[] {
  const known = catalogue && document?.providers.get(catalogue);
  return [...(known || [])].map(([id, source]) => {
    const goneSince = document!.goneSince.get(`${catalogue}/${id}`);
    const model = toModel(source, name, goneSince);
    sources.set(model, source);
    return model;
  });
}

function newestFirst(a: CatalogueModel, b: CatalogueModel): number {
  return (
    (b.releaseDate ?? '').localeCompare(a.releaseDate ?? '') ||
    a.id.localeCompare(b.id)
  );
}
