import { backstageCli } from './lib/backstageCli.mjs';
import { demoConfigFiles, demoSettings } from './lib/demo.mjs';
import { installDependencies } from './lib/install.mjs';
import { nodeEnv, provideNode } from './lib/node.mjs';
import { rootDir } from './lib/paths.mjs';
import { runVisibly } from './lib/runVisibly.mjs';
import { runMain } from './lib/step.mjs';

const APP_URL = 'http://localhost:3000';

// App (on port 3000) and backend, both reloading on change, with the demo organisation.
await runMain(async () => {
  const node = await provideNode();
  await installDependencies(node);

  const { port, dataDir } = demoSettings();
  return await runVisibly(
    backstageCli(
      node,
      'repo',
      'start',
      ...demoConfigFiles.flatMap(file => ['--config', file]),
    ),
    {
      cwd: rootDir,
      env: nodeEnv(node, {
        PORT: String(port),
        PROMPT_CORNER_DATA: dataDir,
        // The page is at another origin than the backend here, unlike in any deployment.
        APP_CONFIG_app_baseUrl: APP_URL,
        APP_CONFIG_backend_cors: JSON.stringify({
          origin: APP_URL,
          methods: ['GET', 'HEAD', 'PATCH', 'POST', 'PUT', 'DELETE'],
          credentials: true,
        }),
      }),
    },
  );
});
