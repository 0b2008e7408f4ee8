import gitUrlParse from 'git-url-parse';
import { trimSlashes } from '../text/words';

/** A place in a repository. */
export interface RepositoryLocation {
  /** Host without port, lower case; undefined where only `owner/name` is known. */
  host?: string;
  /** Owner or nested groups, and name, lower case: `org/team/repo`. */
  name: string;
  /** Folder or file within the repository without slashes at its ends; empty for the whole. */
  path: string;
}

const NAME = /^[\w.~-]+(\/[\w.~-]+)+$/;

/** Longer texts are no addresses; parsing them is work for nothing. */
const MAX_LENGTH = 500;

/**
 * Reads a git remote or a link into a repository in any usual form: https, ssh,
 * `git@host:owner/name.git`, `host/owner/name`, `owner/name`, with credentials
 * or a port, with `.git` or without, and browser links with a branch and a path.
 *
 * Credentials in the address are dropped.
 *
 * @returns undefined when the text is not the address of a repository
 */
export function repositoryOf(text: string): RepositoryLocation | undefined {
  const address = text.trim();
  if (address === '' || address.length > MAX_LENGTH || /\s/.test(address)) {
    return undefined;
  }
  if (/^[\w.-]+(\/[\w.-]+)+$/.test(address)) {
    return withoutScheme(address);
  }
  try {
    const parsed = gitUrlParse(address);
    const name = trimName(parsed.full_name);
    if (!parsed.resource || !NAME.test(name)) {
      return undefined;
    }
    return {
      host: parsed.resource.toLocaleLowerCase('en-US'),
      name,
      path: trimSlashes(parsed.filepath ?? ''),
    };
  } catch {
    return undefined;
  }
}

/** `host/owner/name` where the first part looks like a host, else `owner/name`. */
function withoutScheme(address: string): RepositoryLocation | undefined {
  const [first, ...rest] = address.split('/');
  if (first.includes('.') && rest.length >= 2) {
    return repositoryOf(`https://${address}`);
  }
  return { name: trimName(address), path: '' };
}

function trimName(name: string): string {
  return trimSlashes(name)
    .replace(/\.git$/, '')
    .toLocaleLowerCase('en-US');
}
