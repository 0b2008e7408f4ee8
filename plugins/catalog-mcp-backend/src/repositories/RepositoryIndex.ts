import type { CatalogGraph, CatalogNode } from '../graph/CatalogGraph';
import { RepositoryLocation, repositoryOf } from './repositoryOf';

/** An entity and where in a repository it lives. */
export interface EntityLocation {
  ref: string;
  location: RepositoryLocation;
}

/** Hosts that a project slug annotation means by its name. */
const SLUG_HOSTS: Record<string, string> = {
  'github.com/project-slug': 'github.com',
  'gitlab.com/project-slug': 'gitlab.com',
  'bitbucket.org/project-key': 'bitbucket.org',
};

/** Finds the entities of a repository. Knows no permissions: re-authorise what comes out. */
export class RepositoryIndex {
  readonly #parsed = new WeakMap<CatalogNode, RepositoryLocation[]>();
  #graph?: CatalogGraph;
  #byName = new Map<string, EntityLocation[]>();

  /**
   * The entities in the same repository, with the place of each. Those whose
   * annotations name only `owner/name` are taken for every host.
   */
  entitiesIn(
    graph: CatalogGraph,
    repository: RepositoryLocation,
  ): EntityLocation[] {
    this.#index(graph);
    return (this.#byName.get(repository.name) ?? []).filter(
      ({ location }) =>
        !location.host || !repository.host || location.host === repository.host,
    );
  }

  #index(graph: CatalogGraph): void {
    if (this.#graph === graph) {
      return;
    }
    const byName = new Map<string, EntityLocation[]>();
    for (const node of graph.nodes()) {
      for (const location of this.#locationsOf(node)) {
        const known = byName.get(location.name);
        if (known) {
          known.push({ ref: node.ref, location });
        } else {
          byName.set(location.name, [{ ref: node.ref, location }]);
        }
      }
    }
    this.#byName = byName;
    this.#graph = graph;
  }

  #locationsOf(node: CatalogNode): RepositoryLocation[] {
    const known = this.#parsed.get(node);
    if (known) {
      return known;
    }
    const locations = node.sources.flatMap(source => {
      const separator = source.indexOf('=');
      return locationFrom(
        source.slice(0, separator),
        source.slice(separator + 1),
      );
    });
    this.#parsed.set(node, locations);
    return locations;
  }
}

function locationFrom(key: string, value: string): RepositoryLocation[] {
  if (SLUG_HOSTS[key]) {
    // The annotation is used for self-hosted servers too: the host is no part of it.
    const location = repositoryOf(value);
    return location ? [{ ...location, host: undefined }] : [];
  }
  if (!value.startsWith('url:')) {
    return [];
  }
  const location = repositoryOf(value.slice('url:'.length));
  if (!location) {
    return [];
  }
  return key === 'backstage.io/managed-by-location'
    ? [{ ...location, path: folderOf(location.path) }]
    : [location];
}

function folderOf(file: string): string {
  return file.includes('/') ? file.slice(0, file.lastIndexOf('/')) : '';
}
