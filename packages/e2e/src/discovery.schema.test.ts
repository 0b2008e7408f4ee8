import { readFileSync } from 'node:fs';
import {
  INSTALL_TIMEOUT_MS,
  OPEN_CODE,
  provideCodingTool,
  ToolHome,
} from './codingTools';
import { fromRoot } from './paths';

describe('The JSON schema of OpenCode that sources are checked against', () => {
  let home: ToolHome;

  beforeAll(async () => {
    home = new ToolHome({ binary: await provideCodingTool(OPEN_CODE) });
  }, INSTALL_TIMEOUT_MS);

  afterAll(() => home?.dispose());

  it('is what the OpenCode prints that these tests run', async () => {
    const kept = JSON.parse(
      readFileSync(
        fromRoot(
          'packages/agent-config/src/schema/opencode-config.schema.json',
        ),
        'utf8',
      ),
    );
    const { stdout } = await home.run(['generate']);
    const { schemas } = JSON.parse(stdout).components;
    const printed = Object.fromEntries(
      Object.keys(kept.$defs).map(name => [
        name,
        JSON.parse(
          JSON.stringify(schemas[name]).replaceAll(
            '#/components/schemas/',
            '#/$defs/',
          ),
        ),
      ]),
    );
    // If not: yarn workspace @prompt-corner/agent-config schema:refresh <version>
    expect(kept.$defs).toEqual(printed);
    expect(kept['x-version']).toBe(OPEN_CODE.version);
  });
});
