import type { Finding, Guardrails } from '@prompt-corner/guardrails';
import type { Fields } from '../wire';
import { KnownTexts } from './KnownTexts';

/** What came of an inspection. */
export interface GuardedPrompt {
  blocked: boolean;
  /** Detectors that found something, each once; never what was found. */
  detectors: string[];
  /** What was found, in words. */
  summary: string;
  /** The request without what had to be taken out; undefined when nothing had to. */
  changed?: Fields;
}

/**
 * What a provider wrote itself, encrypted or signed, and gets back: it looks like
 * a secret, and must come back as it was. The same for pictures.
 */
const OPAQUE =
  /\/(?:signature|encrypted_content|thoughtSignature|thought_signature|data|file_data|redacted_thinking)$/;

const NOTHING_FOUND: GuardedPrompt = {
  blocked: false,
  detectors: [],
  summary: '',
};

/** Inspects requests before they leave. */
export class PromptGuards {
  readonly #guardrails: Guardrails;
  readonly #known: KnownTexts | undefined;

  /** @param options.remember - whether texts in which nothing was found are not inspected again; not where a rule looks at a request as a whole */
  constructor(guardrails: Guardrails, options: { remember: boolean }) {
    this.#guardrails = guardrails;
    this.#known = options.remember ? new KnownTexts() : undefined;
  }

  /** Inspects what a model is asked. */
  inspect(body: Fields): GuardedPrompt {
    const known = this.#known;
    if (!known) {
      return this.#inspect(body);
    }
    const { rest, unknown } = known.without(body);
    const { action, findings } = this.#guardrails.inspectJson(rest, {
      direction: 'argument',
    });
    findings.forEach(({ pointer }) => unknown.delete(pointer));
    known.add(unknown.values());
    return action === 'pass' ? NOTHING_FOUND : this.#inspect(body);
  }

  #inspect(body: Fields): GuardedPrompt {
    const inspection = this.#guardrails.inspectJson(body, {
      direction: 'argument',
    });
    const findings = inspection.findings.filter(
      ({ pointer, inKey }) => inKey || !OPAQUE.test(pointer),
    );
    const blocking = findings.filter(({ action }) => action === 'block');
    const mustChange = findings.some(({ action }) => action === 'redact');
    return {
      blocked: blocking.length > 0,
      detectors: [...new Set(findings.map(({ detector }) => detector))],
      summary: summaryOf(blocking.length > 0 ? blocking : findings),
      changed: mustChange
        ? restored(
            inspection.value as Fields,
            body,
            inspection.findings.filter(finding => !findings.includes(finding)),
          )
        : undefined,
    };
  }
}

function summaryOf(findings: Finding[]): string {
  return [
    ...new Set(
      findings.map(({ detector, preview }) => `${detector} ${preview}`),
    ),
  ]
    .slice(0, 5)
    .join(', ');
}

/** Puts back what must not have been changed. */
function restored(changed: Fields, original: Fields, wrong: Finding[]): Fields {
  for (const { pointer } of wrong) {
    const path = pointer
      .slice(1)
      .split('/')
      .map(name => name.replace(/~1/g, '/').replace(/~0/g, '~'));
    const last = path.pop()!;
    const into = (from: unknown) =>
      path.reduce((value, name) => (value as Fields)?.[name], from) as Fields;
    const target = into(changed);
    const source = into(original);
    if (target && source && target !== source) {
      target[last] = source[last];
    }
  }
  return changed;
}
