/* eslint-disable no-console */
import { resolvePackagePath } from '@backstage/backend-plugin-api';
import { writeSnapshot } from './writeSnapshot';

const [from] = process.argv.slice(2);
if (!from) {
  console.error('Usage: models:snapshot <URL or path of an api.json>');
  process.exit(2);
}
writeSnapshot(
  from,
  resolvePackagePath('@prompt-corner/plugin-ai-proxy-backend', 'data'),
).then(
  written => console.log(written),
  error => {
    console.error(String(error));
    process.exitCode = 1;
  },
);
