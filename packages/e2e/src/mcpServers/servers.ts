import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServerPackage } from './pins';
import type { PathIn } from './provideServers';
import { ServerProcess } from './ServerProcess';

/** Names of the servers, as the portal has them. */
export type ServerName =
  | 'everything'
  | 'files'
  | 'git'
  | 'gitlab'
  | 'kubernetes'
  | 'memory'
  | 'thinking';

/** A package with a server that speaks stdio. */
interface StdioServer {
  package: ServerPackage;
  path: string;
  args?: string[];
  env?: Record<string, string>;
}

/** A context of a cluster that nobody can reach. */
const KUBECONFIG = `apiVersion: v1
kind: Config
current-context: lantern
clusters: [{ name: eu-west, cluster: { server: 'http://127.0.0.1:9' } }]
contexts: [{ name: lantern, context: { cluster: eu-west, user: nobody } }]
users: [{ name: nobody, user: {} }]
`;

/**
 * Starts all servers.
 *
 * @param options.folder - in which they work: `files`, `git` and `memory.jsonl` are theirs
 * @param options.gitLabUrl - of the API of GitLab
 */
export async function startServers(options: {
  pathIn: PathIn;
  folder: string;
  gitLabUrl: string;
}): Promise<Record<ServerName, ServerProcess>> {
  const { pathIn, folder, gitLabUrl } = options;
  for (const name of ['home', 'files', 'git']) {
    mkdirSync(join(folder, name));
  }
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, KUBECONFIG);

  const bridged = (server: StdioServer) =>
    startBridged(server, pathIn, join(folder, 'home'));
  const official = (name: 'everything' | 'filesystem' | 'memory') =>
    ({
      package: `@modelcontextprotocol/server-${name}`,
      path: 'dist/index.js',
    } as const);
  const [everything, files, memory, thinking, git, gitlab, kubernetes] =
    await Promise.all([
      bridged(official('everything')),
      bridged({ ...official('filesystem'), args: [join(folder, 'files')] }),
      bridged({
        ...official('memory'),
        env: { MEMORY_FILE_PATH: join(folder, 'memory.jsonl') },
      }),
      bridged({
        package: '@modelcontextprotocol/server-sequential-thinking',
        path: 'dist/index.js',
      }),
      bridged({
        package: '@cyanheads/git-mcp-server',
        path: 'dist/index.js',
        env: {
          GIT_BASE_DIR: join(folder, 'git'),
          GIT_SIGN_COMMITS: 'false',
          GIT_USERNAME: 'Lantern',
          GIT_EMAIL: 'bot@lantern.example',
          MCP_TRANSPORT_TYPE: 'stdio',
        },
      }),
      bridged({
        package: '@zereight/mcp-gitlab',
        path: 'build/index.js',
        env: {
          GITLAB_API_URL: gitLabUrl,
          GITLAB_PERSONAL_ACCESS_TOKEN: 'not-a-secret',
          GITLAB_DISABLE_VERSION_CHECK: 'true',
        },
      }),
      // Speaks HTTP itself, with sessions and the revisions before 2026-07-28.
      ServerProcess.start({
        command: port => [
          process.execPath,
          pathIn('kubernetes-mcp-server', 'bin/index.js'),
          ...['--bind-address', '127.0.0.1', '--port', String(port)],
          ...['--kubeconfig', kubeconfig],
        ],
        env: { HOME: join(folder, 'home') },
      }),
    ]);
  return { everything, files, memory, thinking, git, gitlab, kubernetes };
}

function startBridged(
  server: StdioServer,
  pathIn: PathIn,
  home: string,
): Promise<ServerProcess> {
  return ServerProcess.start({
    command: port => [
      process.execPath,
      pathIn('mcp-proxy', 'dist/bin/mcp-proxy.mjs'),
      ...['--host', '127.0.0.1', '--port', String(port)],
      ...['--server', 'stream', '--endpoint', '/mcp', '--'],
      process.execPath,
      pathIn(server.package, server.path),
      ...(server.args ?? []),
    ],
    env: { HOME: home, ...server.env },
  });
}
