import { parseArgs } from 'node:util';
import { buildApp } from './lib/buildApp.mjs';
import { demoSettings } from './lib/demo.mjs';
import { backendError, startDemoBackend } from './lib/demoBackend.mjs';
import { installDependencies } from './lib/install.mjs';
import { provideNode } from './lib/node.mjs';
import { fetchPersonas } from './lib/personas.mjs';
import { isPortTaken } from './lib/ports.mjs';
import { StepError, runMain, withProgress } from './lib/step.mjs';
import { onStopRequest } from './lib/stopSignals.mjs';
import { welcome } from './lib/welcome.mjs';

await runMain(async () => {
  const { values } = parseArgs({ options: { verbose: { type: 'boolean' } } });
  const settings = demoSettings();
  const { port, url } = settings;
  if (await isPortTaken(port)) {
    throw new StepError(`Port ${port} is already in use.`, {
      hint: `Choose another one: PORT=${port + 1} npm start`,
    });
  }

  const node = await provideNode();
  await installDependencies(node);
  await buildApp(node);

  const backend = startDemoBackend({
    ...settings,
    node,
    verbose: values.verbose,
  });
  let wasAskedToStop = false;
  onStopRequest(() => {
    wasAskedToStop = true;
    backend.stop();
  });

  try {
    await withProgress('Starting the portal', () => backend.waitUntilReady());
    const personas = await fetchPersonas(url);
    process.stdout.write(
      welcome({ url, port, personas, logFile: backend.logFile }),
    );
  } catch (error) {
    await backend.stop();
    if (wasAskedToStop) {
      return 0;
    }
    throw error;
  }

  const reason = await backend.exited;
  if (!wasAskedToStop) {
    throw backendError(`The backend stopped (${reason})`, backend.logFile);
  }
  process.stdout.write('Stopped.\n');
  return 0;
});
