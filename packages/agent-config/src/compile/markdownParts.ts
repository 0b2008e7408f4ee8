import type { SourceFile } from '../sources';
import { parseMarkdown } from '../text';
import { AGENT_KEYS } from '../schema';
import { LayerDraft, locatedIn } from './LayerDraft';
import type { KeyPath } from './Locations';
import { NAME_FAULT, nameOf } from './named';

const COMMAND_KEYS = ['description', 'agent', 'model', 'variant', 'subtask'];

interface Kind {
  /** Its key in the configuration. */
  key: 'agent' | 'command';
  /** The key that gets the text. */
  text: 'prompt' | 'template';
  keys: readonly string[];
  unknown: string;
}

const AGENT: Kind = {
  key: 'agent',
  text: 'prompt',
  keys: AGENT_KEYS.filter(key => key !== 'prompt'),
  unknown: 'options for the provider of the model go below "options"',
};

const COMMAND: Kind = {
  key: 'command',
  text: 'template',
  keys: COMMAND_KEYS,
  unknown: `there are ${COMMAND_KEYS.join(', ')}`,
};

/**
 * Adds an agent: the front matter is its settings, the text its prompt.
 *
 * @param path - of the file, below the folder of agents
 */
export function addAgent(
  draft: LayerDraft,
  file: SourceFile,
  path: string,
): void {
  addMarkdown(draft, AGENT, file, path);
}

/**
 * Adds a command: the front matter is its settings, the text its template.
 *
 * @param path - of the file, below the folder of commands
 */
export function addCommand(
  draft: LayerDraft,
  file: SourceFile,
  path: string,
): void {
  addMarkdown(draft, COMMAND, file, path);
}

function addMarkdown(
  draft: LayerDraft,
  kind: Kind,
  file: SourceFile,
  path: string,
): void {
  const name = nameOf(path);
  if (!name) {
    draft.problem({ file: file.path, line: 1 }, NAME_FAULT);
    return;
  }
  const markdown = parseMarkdown(file, draft.problems);
  if (!markdown) {
    return;
  }
  const { frontMatter, body, bodyLine } = markdown;
  const value: Record<string, unknown> = {};
  for (const [key, setting] of Object.entries(frontMatter.value)) {
    const location = { file: file.path, line: frontMatter.lineOf([key]) };
    if (key === kind.text) {
      draft.problem(
        location,
        `the ${kind.text} is the text of the file; move it below the front matter`,
      );
    } else if (!kind.keys.includes(key)) {
      draft.problem(
        location,
        `"${key}" is not known in ${kind.key}s: ${kind.unknown}`,
      );
    } else {
      value[key] = setting;
    }
  }
  if (body) {
    value[kind.text] = body;
  } else if (kind === COMMAND) {
    draft.problem(
      { file: file.path, line: bodyLine },
      'a command needs a text, which becomes the message to the model; write it below the front matter',
    );
    return;
  }
  const inFrontMatter = locatedIn(file.path, frontMatter);
  draft.add(kind.key, name, value, (rest: KeyPath) =>
    rest[0] === kind.text
      ? { file: file.path, line: bodyLine }
      : inFrontMatter(rest),
  );
}
