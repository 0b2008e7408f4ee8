import { backstageCli } from './lib/backstageCli.mjs';
import { buildApp } from './lib/buildApp.mjs';
import { installDependencies } from './lib/install.mjs';
import { nodeEnv, provideNode } from './lib/node.mjs';
import { rootDir } from './lib/paths.mjs';
import { runVisibly } from './lib/runVisibly.mjs';
import { runMain } from './lib/step.mjs';

// Jest over all packages, once. Further arguments are Jest's own.
await runMain(async () => {
  const node = await provideNode();
  await installDependencies(node);
  // The end-to-end tests start the demo, which serves the built app.
  await buildApp(node);

  const args = process.argv.slice(2);
  // Without a watch flag the CLI watches, in a Git work tree outside CI.
  const isWatching = args.some(arg => arg.startsWith('--watch'));
  return await runVisibly(
    backstageCli(
      node,
      'repo',
      'test',
      ...(isWatching ? [] : ['--watchAll=false']),
      ...args,
    ),
    {
      cwd: rootDir,
      // Databases for tests come from connection strings, never from containers.
      env: nodeEnv(node, { BACKSTAGE_TEST_DISABLE_DOCKER: '1' }),
    },
  );
});
