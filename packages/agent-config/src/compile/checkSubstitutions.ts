import { isRecord } from './isRecord';
import type { LayerDraft } from './LayerDraft';

/** OpenCode puts variables and files of the machine in their places, wherever they stand in the JSON. */
const SUBSTITUTION = /\{(env|file):/;

/** OpenCode looks for the next "}" in all of the JSON: without one, the rest of it would be the name. */
const VARIABLE = /\{env:[A-Za-z_]\w*\}/g;

/** Where a variable may stand: `*` is any key. */
const VARIABLES = [
  ['mcp', '*', 'headers', '*'],
  ['mcp', '*', 'oauth', 'clientSecret'],
];

/**
 * Finds `{env:…}` and `{file:…}` where they would put secrets of a user's machine
 * into prompts, or keep OpenCode from starting: a file that is missing does.
 */
export function checkSubstitutions(draft: LayerDraft): void {
  checkValue(draft, draft.layer.config, []);
}

function checkValue(draft: LayerDraft, value: unknown, path: string[]): void {
  if (typeof value === 'string') {
    checkText(draft, value, path);
  } else if (Array.isArray(value)) {
    value.forEach((item, index) =>
      checkValue(draft, item, [...path, String(index)]),
    );
  } else if (isRecord(value)) {
    for (const [key, inside] of Object.entries(value)) {
      checkText(draft, key, [...path, key], 'key');
      checkValue(draft, inside, [...path, key]);
    }
  }
}

function checkText(
  draft: LayerDraft,
  text: string,
  path: string[],
  part: 'key' | 'value' = 'value',
): void {
  const mayHave = part === 'value' && mayHaveVariable(path);
  const found = SUBSTITUTION.exec(mayHave ? text.replace(VARIABLE, '') : text);
  if (!found) {
    return;
  }
  if (mayHave && found[1] === 'env') {
    draft.problemAt(
      path,
      'a variable is written with its name and a brace at the end, such as {env:NAME}',
    );
    return;
  }
  const ofBody = path[0] === 'agent' || path[0] === 'command';
  draft.problemAt(
    path,
    `OpenCode would replace "{${found[1]}:" by ${
      found[1] === 'env'
        ? 'a variable of the user, perhaps a secret; only headers of MCP servers can have variables'
        : 'a file of the user, and not start without it'
    }. Take it out, or write a space after the brace`,
    ofBody && path.length === 3 && ['prompt', 'template'].includes(path[2])
      ? text.slice(0, found.index).split('\n').length - 1
      : 0,
  );
}

function mayHaveVariable(path: string[]): boolean {
  return VARIABLES.some(
    pattern =>
      pattern.length === path.length &&
      pattern.every((key, index) => key === '*' || key === path[index]),
  );
}
