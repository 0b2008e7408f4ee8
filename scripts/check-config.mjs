import { backstageCli } from './lib/backstageCli.mjs';
import { nodeEnv, provideNode } from './lib/node.mjs';
import { fromRoot, rootDir } from './lib/paths.mjs';
import { runMain, runStep } from './lib/step.mjs';

// Checks each combination of configuration files that is meant to be used against the schemas
// of all packages. `--lax`, because the environment variables of a deployment are not set here.
await runMain(async () => {
  const node = await provideNode();
  for (const overlay of [
    'app-config.demo.yaml',
    'app-config.production.yaml',
  ]) {
    await runStep(
      `Checking app-config.yaml with ${overlay}`,
      backstageCli(
        node,
        'config:check',
        '--lax',
        '--strict',
        '--config',
        fromRoot('app-config.yaml'),
        '--config',
        fromRoot(overlay),
      ),
      { cwd: rootDir, env: nodeEnv(node) },
    );
  }
});
