import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Entity } from '@backstage/catalog-model';
import { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';
import { parseAllDocuments } from 'yaml';

/**
 * Reads what the file locations of the catalog configuration declare, following Location
 * entities to further files.
 *
 * @param config - the root configuration
 * @returns the entities as written, without what the catalog adds
 * @throws InputError when a file is not YAML
 */
export async function readDeclaredEntities(config: Config): Promise<Entity[]> {
  const locations = config.getOptionalConfigArray('catalog.locations') ?? [];
  const files = locations
    .filter(location => location.getString('type') === 'file')
    .map(location => resolve(location.getString('target')));
  return (await Promise.all(files.map(readFileEntities))).flat();
}

async function readFileEntities(file: string): Promise<Entity[]> {
  const documents = parseAllDocuments(await readFile(file, 'utf8'));
  const entities: Entity[] = [];
  for (const document of documents) {
    if (document.errors.length > 0) {
      throw new InputError(`Could not read ${file}`, document.errors[0]);
    }
    const entity = document.toJS() as Entity | null;
    if (entity) {
      entities.push(entity);
    }
  }

  const targets = entities.flatMap(locationTargets);
  const included = await Promise.all(
    targets.map(target => readFileEntities(resolve(dirname(file), target))),
  );
  return [...entities, ...included.flat()];
}

function locationTargets({ kind, spec }: Entity): string[] {
  if (kind !== 'Location') {
    return [];
  }
  const { target, targets } = (spec ?? {}) as {
    target?: string;
    targets?: string[];
  };
  return [...(target ? [target] : []), ...(targets ?? [])];
}
