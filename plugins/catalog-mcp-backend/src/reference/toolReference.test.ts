import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'prettier';
import { toolReference } from './toolReference';

it('is what the documentation shows; if not, run `yarn docs:tools`', () => {
  const shown = readFileSync(
    join(__dirname, '../../../../docs/tools.md'),
    'utf8',
  );
  const reference = format(toolReference(), {
    parser: 'markdown',
    singleQuote: true,
  });
  expect(shown).toBe(reference);
});
