import { InputError } from '@backstage/errors';
import { AgentConfigLayer, ClientName, CLIENTS } from '../compile';
import { claudeCodeFiles } from './claudeCode';
import type {
  ClientConfiguration,
  ClientFile,
  ClientTarget,
} from './ClientConfiguration';
import { codexFiles } from './codex';
import { cursorFiles, vscodeFiles, windsurfFiles } from './editors';
import { geminiFiles } from './gemini';
import { openCodeConfig } from './openCode';
import { jsonFile, markdownFile, partsOf } from './parts';

type Write = (
  layer: AgentConfigLayer,
  target: ClientTarget,
  notes: string[],
) => ClientFile[];

/** The variable in which OpenCode looks for the token when a file configures it. */
export const TOKEN_VARIABLE = 'PROMPT_CORNER_TOKEN';

const WRITERS: Record<ClientName, Write> = {
  opencode: openCodeFiles,
  'claude-code': claudeCodeFiles,
  codex: codexFiles,
  gemini: geminiFiles,
  vscode: vscodeFiles,
  cursor: cursorFiles,
  windsurf: windsurfFiles,
};

/**
 * The files that configure a client. They hold no secrets: clients sign in by
 * themselves, or take a token from a command.
 *
 * @throws InputError when there is no such client
 */
export function exportFor(
  client: string,
  layer: AgentConfigLayer,
  target: ClientTarget,
): ClientConfiguration {
  const known = CLIENTS.find(name => name === client);
  if (!known) {
    throw new InputError(
      `There is no configuration for "${client}"; there is one for ${CLIENTS.join(
        ', ',
      )}`,
    );
  }
  const notes: string[] = [];
  const files = WRITERS[known](layer, target, notes);
  if (known !== 'opencode') {
    noteServerSettings(layer, target, notes);
  }
  return { client: known, files: withoutDoubles(files, notes), notes };
}

function openCodeFiles(
  layer: AgentConfigLayer,
  target: ClientTarget,
  notes: string[],
): ClientFile[] {
  const folder =
    '/etc/opencode on Linux, /Library/Application Support/opencode on macOS, C:\\ProgramData\\opencode on Windows; or ~/.config/opencode';
  notes.push(
    `${TOKEN_VARIABLE} has to hold a token when it starts; "opencode auth login ${target.urls.baseURL}" instead needs no file at all`,
  );
  const { instructions } = partsOf(layer, target);
  return [
    jsonFile(
      'opencode.json',
      openCodeConfig(layer, { ...target, tokenVariable: TOKEN_VARIABLE }),
      folder,
    ),
    ...(instructions
      ? [markdownFile('AGENTS.md', {}, instructions, '~/.config/opencode')]
      : []),
  ];
}

/** What files of other tools are not given of servers. */
function noteServerSettings(
  layer: AgentConfigLayer,
  target: ClientTarget,
  notes: string[],
): void {
  for (const { name, oauth, timeout } of partsOf(layer, target).servers) {
    const settings = Object.entries({ oauth, timeout })
      .filter(([, value]) => value !== undefined)
      .map(([key]) => key);
    if (settings.length > 0) {
      notes.push(
        `mcp/${name}: ${settings.join(
          ' and ',
        )} left out, as only OpenCode is told of it`,
      );
    }
  }
}

/** `docs/writer` and `docs-writer` would be the same file. */
function withoutDoubles(files: ClientFile[], notes: string[]): ClientFile[] {
  const paths = new Set<string>();
  return files.filter(({ path }) => {
    if (paths.has(path)) {
      notes.push(`${path}: would be there twice; only the first is`);
      return false;
    }
    paths.add(path);
    return true;
  });
}
