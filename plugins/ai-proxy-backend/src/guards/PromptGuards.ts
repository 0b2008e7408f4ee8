import type { Finding, Guardrails } from '@prompt-corner/guardrails';
import { PartMemory, Prompt, PromptPart } from '../prompts';
import type { Fields } from '../wire';

/** What came of an inspection. */
export interface GuardedPrompt {
  /** The detector because of which the prompt must not leave at all. */
  blockedBy?: string;
  /** Detectors that found something, each once; never what was found. */
  detectors: string[];
  /** What was found, in words. */
  summary: string;
  /** The prompt without what had to be taken out; undefined when nothing had to. */
  changed?: Prompt;
}

/** What came of the inspection of a part. */
interface Verdict {
  blockedBy?: string;
  detectors: string[];
  /** What was found, in words, and what of it must not leave. */
  found: string[];
  blocking: string[];
  /** The part without what had to be taken out, as an object. */
  changed?: object;
}

/**
 * What a provider wrote itself, encrypted or signed, and gets back: it looks like
 * a secret, and must come back as it was. The same for pictures.
 */
const OPAQUE =
  /\/(?:signature|encrypted_content|thoughtSignature|thought_signature|data|file_data|redacted_thinking)$/;

/** In what tools were called with and answered, such names mean what the tool says. */
const OF_TOOLS = /\/(?:args|response)\/|.\/input\//;

/** How much is said of what was found. */
const MAX_WORDS = 5;

const CLEAN: Verdict = { detectors: [], found: [], blocking: [] };

const NOTHING_FOUND: GuardedPrompt = { detectors: [], summary: '' };

/** Inspects prompts before they leave. */
export class PromptGuards {
  readonly #guardrails: Guardrails;
  readonly #verdicts: PartMemory<Verdict> | undefined;

  /** @param options.byPart - whether each part is inspected by itself, and once only; not where a rule looks at a prompt as a whole */
  constructor(guardrails: Guardrails, options: { byPart: boolean }) {
    this.#guardrails = guardrails;
    this.#verdicts = options.byPart ? new PartMemory() : undefined;
  }

  /** Inspects what a model is asked. */
  inspect(prompt: Prompt): GuardedPrompt {
    const verdicts: Verdict[] = [];
    const changes = new Map<PromptPart, object>();
    for (const part of this.#verdicts ? prompt.parts : [prompt.whole]) {
      const verdict = this.#verdictOn(part);
      if (verdict !== CLEAN) {
        verdicts.push(verdict);
      }
      if (verdict.changed) {
        changes.set(part, verdict.changed);
      }
    }
    if (verdicts.length === 0) {
      return NOTHING_FOUND;
    }
    const blocked = verdicts.filter(({ blockedBy }) => blockedBy);
    const words =
      blocked.length > 0
        ? blocked.flatMap(({ blocking }) => blocking)
        : verdicts.flatMap(({ found }) => found);
    return {
      blockedBy: blocked[0]?.blockedBy,
      detectors: distinct(verdicts.flatMap(({ detectors }) => detectors)),
      summary: distinct(words).slice(0, MAX_WORDS).join(', '),
      changed:
        changes.size > 0 && blocked.length === 0
          ? prompt.with(changes)
          : undefined,
    };
  }

  #verdictOn(part: PromptPart): Verdict {
    const known = this.#verdicts?.find(part);
    if (known) {
      return known;
    }
    const verdict = this.#inspect(part);
    if (!verdict.changed) {
      this.#verdicts?.remember(part, verdict);
    }
    return verdict;
  }

  #inspect(part: PromptPart): Verdict {
    const object = part.asObject();
    const { findings, value } = this.#guardrails.inspectJson(object, {
      direction: 'argument',
    });
    const opaque = findings.filter(finding => isOpaque(finding, object));
    const real = findings.filter(finding => !opaque.includes(finding));
    if (real.length === 0) {
      return CLEAN;
    }
    const blocking = real.filter(({ action }) => action === 'block');
    // More was found than is listed, and what is not listed may have been taken out.
    const isCut = real.some(({ category }) => category === 'limit');
    return {
      blockedBy: blocking[0]?.detector,
      detectors: distinct(real.map(({ detector }) => detector)),
      found: inWords(real),
      blocking: inWords(blocking),
      changed:
        isCut || real.some(({ action }) => action === 'redact')
          ? restored(value, object, opaque)
          : undefined,
    };
  }
}

function isOpaque({ inKey, pointer }: Finding, object: object): boolean {
  if (inKey || !OPAQUE.test(pointer) || OF_TOOLS.test(pointer)) {
    return false;
  }
  const path = pathOf(pointer).slice(0, -1);
  // Documents of Anthropic that are plain text have it in `data`.
  return (valueAt(object, path) as Fields | undefined)?.type !== 'text';
}

function pathOf(pointer: string): string[] {
  return pointer
    .slice(1)
    .split('/')
    .map(name => name.replace(/~1/g, '/').replace(/~0/g, '~'));
}

function valueAt(from: unknown, path: string[]): unknown {
  return path.reduce((value, name) => (value as Fields)?.[name], from);
}

function inWords(findings: Finding[]): string[] {
  return distinct(
    findings.map(({ detector, preview }) => `${detector} ${preview}`),
  ).slice(0, MAX_WORDS);
}

function distinct(texts: string[]): string[] {
  return [...new Set(texts)];
}

/** Puts back what must not have been changed. */
function restored(changed: object, original: object, wrong: Finding[]): object {
  for (const { pointer } of wrong) {
    const path = pathOf(pointer);
    const last = path.pop()!;
    const target = valueAt(changed, path) as Fields;
    const source = valueAt(original, path) as Fields;
    if (target && source && target !== source) {
      target[last] = source[last];
    }
  }
  return changed;
}
