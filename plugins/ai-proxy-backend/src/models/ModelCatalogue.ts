import type {
  ApiName,
  CatalogueModel,
  ModelCatalogueStatus,
} from '@prompt-corner/plugin-ai-proxy-common';
import type { ModelAlias } from './aliases';
import { baseModelIds } from './baseModelIds';
import type { ModelsConfig } from './config';
import { CatalogueContents, readContents } from './contents';
import type { CatalogueDocument, SourceModel } from './source';

/** No provider has longer ids; what is longer is not looked at. */
const LONGEST_ID = 256;

/** Whether a caller may use a model. */
export type MayUse = (model: CatalogueModel) => boolean;

/** Where the models come from that a catalogue has. */
export interface CatalogueOrigin {
  origin: 'source' | 'snapshot';
  asOf: Date;
  checkedAt?: Date;
  etag?: string;
  problem?: { at: Date; message: string };
}

/**
 * The models of the configured providers. It answers from memory and waits for
 * nothing: what is known of models comes in from the side, see `CatalogueRefresh`.
 *
 * A model of the configuration takes the place of one of the source with the same
 * id.
 */
export class ModelCatalogue {
  readonly #config: ModelsConfig;
  readonly #aliases: Map<string, ModelAlias>;
  readonly #listeners = new Set<() => void>();
  #contents: CatalogueContents;
  #origin: CatalogueOrigin = { origin: 'snapshot', asOf: new Date(0) };

  constructor(config: ModelsConfig) {
    this.#config = config;
    this.#aliases = new Map(config.aliases.map(alias => [alias.name, alias]));
    this.#contents = this.#read();
  }

  /**
   * What is known of a model, whether it may be used or not. A variant of which
   * nothing is known itself, such as `claude-sonnet-4-5-20250929` or
   * `llama3.2:latest`, is the model it varies, whose `id` the answer then has; see
   * {@link baseModelIds}. Capitals do not matter, where no other model has them.
   * About 0.1 µs; 1 µs for what is not known.
   *
   * @param provider - as the configuration names it
   * @param id - as the request has it, without alias
   * @returns undefined for what nobody has said anything about; it has no price
   */
  find(provider: string, id: string): CatalogueModel | undefined {
    const models = this.#contents.models.get(provider);
    const exact = models?.get(id);
    if (exact || !models || id.length > LONGEST_ID) {
      return exact;
    }
    const folded = this.#contents.folded.get(provider)!;
    for (const each of [id, ...baseModelIds(id)]) {
      const model = models.get(each) ?? folded.get(each.toLowerCase());
      if (model) {
        return model;
      }
    }
    return undefined;
  }

  /**
   * Whether `aiProxy.models.allow` and `deny` let a model be used, known or not.
   * What is denied is denied in all its variants; what is allowed, too.
   */
  permits(provider: string, id: string): boolean {
    if (id.length > LONGEST_ID) {
      return false;
    }
    const { allow, deny } = this.#config;
    const ids = [id, ...baseModelIds(id)];
    return (
      !ids.some(each => deny.matches(provider, each)) &&
      (!allow || ids.some(each => allow.matches(provider, each)))
    );
  }

  /**
   * The model that a name of the organisation's own stands for.
   *
   * @param api - at which the client asks: bodies are not translated for another one
   * @returns undefined when it is no alias, or one for another API
   */
  resolveAlias(
    api: ApiName,
    name: string,
  ): { provider: string; id: string } | undefined {
    const alias = this.#aliases.get(name);
    if (!alias || this.#apiOf(alias.provider) !== api) {
      return undefined;
    }
    return { provider: alias.provider, id: alias.id };
  }

  /**
   * The models that are offered: those that `allow` and `deny` let be used, that
   * requests reach, and that the source still has. By provider, the newest first.
   *
   * @param provider - as the configuration names it; all when it is not given
   */
  list(provider?: string): readonly CatalogueModel[] {
    const { offered } = this.#contents;
    return provider === undefined
      ? [...offered.values()].flat()
      : offered.get(provider) ?? [];
  }

  /**
   * The models that a caller finds at an API, by the ids with which requests name
   * them: aliases first, then models. Where several providers have an id, the
   * first one's is told.
   *
   * @param mayUse - whether the caller may use a model; of an alias, its model
   */
  listFor(api: ApiName, mayUse: MayUse): CatalogueModel[] {
    const byId = new Map<string, CatalogueModel>();
    for (const { name } of this.#config.aliases) {
      const model = this.findFor(api, name, mayUse);
      if (model && !byId.has(name)) {
        byId.set(name, model);
      }
    }
    for (const { name, api: its } of this.#config.providers) {
      for (const model of its === api ? this.list(name) : []) {
        if (!byId.has(model.id) && mayUse(model)) {
          byId.set(model.id, model);
        }
      }
    }
    return [...byId.values()];
  }

  /**
   * One of the models that a caller finds at an API.
   *
   * @param id - of a model, or an alias; the answer has it too
   */
  findFor(
    api: ApiName,
    id: string,
    mayUse: MayUse,
  ): CatalogueModel | undefined {
    const alias = this.resolveAlias(api, id);
    const providers = alias
      ? [alias.provider]
      : this.#config.providers
          .filter(provider => provider.api === api && provider.has(id))
          .map(({ name }) => name);
    const asked = alias?.id ?? id;
    for (const provider of providers) {
      const model = this.find(provider, asked);
      if (model && this.permits(provider, asked) && mayUse(model)) {
        const name = alias ? `${id} (${model.name})` : model.name;
        return model.id === id ? model : this.#renamed(model, { id, name });
      }
    }
    return undefined;
  }

  /** A model as its source has it, with what only clients read; undefined for models of the configuration. */
  sourceOf(model: CatalogueModel): SourceModel | undefined {
    const { sources, models } = this.#contents;
    const original = models.get(model.provider)?.get(model.id);
    return sources.get(model) ?? (original && sources.get(original));
  }

  /**
   * Tells when models have changed.
   *
   * @param listener - called after the change
   * @returns ends it
   */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** What the source had, when it had something. */
  get document(): CatalogueDocument | undefined {
    return this.#contents.document;
  }

  /** Takes what the source has now in place of what it had. */
  replace(document: CatalogueDocument, origin: CatalogueOrigin): void {
    this.#contents = this.#read(document);
    this.#origin = origin;
    for (const listener of this.#listeners) {
      listener();
    }
  }

  /** Notes what is known of the source without a change of models. */
  note(origin: Partial<CatalogueOrigin>): void {
    this.#origin = { ...this.#origin, ...origin };
  }

  /** How the catalogue is. */
  status(now = new Date()): ModelCatalogueStatus {
    const { origin, asOf, checkedAt, etag, problem } = this.#origin;
    const { document } = this.#contents;
    const models = [...this.#contents.models.values()].flatMap(each => [
      ...each.values(),
    ]);
    const url = this.#config.url && new URL(this.#config.url);
    const since = checkedAt ?? asOf;
    return {
      origin,
      url: url ? `${url.origin}${url.pathname}` : null,
      asOf: asOf.toISOString(),
      checkedAt: checkedAt?.toISOString(),
      ageSeconds: Math.max(
        0,
        Math.round((now.getTime() - since.getTime()) / 1000),
      ),
      etag,
      models: models.length,
      priced: models.filter(({ prices }) => prices).length,
      own: this.#config.own.length,
      gone: models.filter(({ goneSince }) => goneSince).length,
      skipped: document?.skipped ?? { count: 0, examples: [] },
      missingProviders: this.#config.providers
        .filter(
          ({ catalogue }) =>
            catalogue !== undefined &&
            (document?.missing.includes(catalogue) ||
              !document?.providers.has(catalogue)),
        )
        .map(({ name }) => name),
      unknownAliases: this.#config.aliases
        .filter(({ provider, id }) => !this.find(provider, id))
        .map(({ name }) => name),
      problem: problem && {
        at: problem.at.toISOString(),
        message: problem.message,
      },
    };
  }

  #read(document?: CatalogueDocument): CatalogueContents {
    return readContents(document, {
      providers: this.#config.providers,
      own: this.#config.own,
      permits: (provider, id) => this.permits(provider, id),
    });
  }

  #apiOf(provider: string): ApiName | undefined {
    return this.#config.providers.find(({ name }) => name === provider)?.api;
  }

  #renamed(
    model: CatalogueModel,
    names: { id: string; name: string },
  ): CatalogueModel {
    const renamed = { ...model, ...names };
    const source = this.sourceOf(model);
    if (source) {
      this.#contents.sources.set(renamed, source);
    }
    return renamed;
  }
}
