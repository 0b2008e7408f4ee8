import { lstat, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import { InputError } from '@backstage/errors';
import { SOURCE_LIMITS, SourceCollector, Sources } from '../sources';

/**
 * Reads the sources of a directory. Links are followed only to what is in the
 * directory itself, as a volume of Kubernetes has them.
 *
 * @throws InputError when there is no such directory
 */
export async function readDirectory(directory: string): Promise<Sources> {
  const top = await realpath(directory).catch(error => {
    throw new InputError(
      `The directory ${directory} cannot be read (${error.code})`,
    );
  });
  if (!(await stat(top)).isDirectory()) {
    throw new InputError(`${directory} is not a directory`);
  }
  const collector = new SourceCollector();
  await readFolder(top, { top, path: '', ancestors: [], collector });
  return collector.collected();
}

interface Place {
  /** Without links. */
  top: string;
  /** Of the folder, relative to the top, with `/` at its end; empty for the top. */
  path: string;
  /** The folders above, without links. */
  ancestors: string[];
  collector: SourceCollector;
}

async function readFolder(folder: string, place: Place): Promise<void> {
  const { top, collector } = place;
  const ancestors = [...place.ancestors, folder];
  for (const name of (await readdir(folder)).sort()) {
    if (name.startsWith('.')) {
      continue;
    }
    const path = `${place.path}${name}`;
    const target = await resolveInside(top, join(folder, name));
    if (!target) {
      collector.problem(
        path,
        'is a link to what is not in the directory, or to nothing; put the file itself here',
      );
      continue;
    }
    const found = await stat(target);
    if (found.isDirectory()) {
      if (
        ancestors.length >= SOURCE_LIMITS.depth ||
        ancestors.includes(target)
      ) {
        collector.problem(
          path,
          `is deeper than ${SOURCE_LIMITS.depth} folders, or leads back to one above; move it up`,
        );
        continue;
      }
      await readFolder(target, { ...place, path: `${path}/`, ancestors });
    } else if (found.isFile() && collector.admits(path, found.size)) {
      collector.add(path, await readFile(target));
    }
    if (collector.full) {
      return;
    }
  }
}

/** Where a path leads, if it leads nowhere else. */
async function resolveInside(
  top: string,
  path: string,
): Promise<string | undefined> {
  if (!(await lstat(path)).isSymbolicLink()) {
    return path;
  }
  try {
    const target = await realpath(path);
    const way = relative(top, target);
    const leaves =
      way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way);
    return leaves ? undefined : target;
  } catch {
    return undefined;
  }
}
