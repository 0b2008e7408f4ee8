import type { CatalogueModel } from './models';

/** How the catalogue of models is. @public */
export interface ModelCatalogueStatus {
  /** Where the models come from: the source itself, or what was shipped with this version. */
  origin: 'source' | 'snapshot';
  /** The source, without what may be secret in its URL; null when it is switched off. */
  url: string | null;
  /** ISO 8601: when the models were as they are here. */
  asOf: string;
  /** ISO 8601: when the source was last asked with success. */
  checkedAt?: string;
  /** Since then, or since {@link ModelCatalogueStatus.asOf}. */
  ageSeconds: number;
  etag?: string;
  /** Models of the catalogue, those of the configuration among them. */
  models: number;
  /** Those of them whose prices are known. */
  priced: number;
  /** Those of the configuration. */
  own: number;
  /** Those that the source has no more; see {@link CatalogueModel.goneSince}. */
  gone: number;
  /** Those of the source that could not be read, and why; at most 20 of them. */
  skipped: { count: number; examples: string[] };
  /** Providers of the configuration of which the source knows nothing. */
  missingProviders: string[];
  /** Aliases of which the catalogue does not know the model. */
  unknownAliases: string[];
  /** Why the source could not be used when it was last asked. */
  problem?: { at: string; message: string };
}
