import type { Inspector } from '../engine/Inspector';
import { Finding, Verdict } from '../findings';
import { escapeKey, inspectJson, JsonLimits } from '../json/inspectJson';
import { foldPhrase } from '../text/TextView';
import { messageFor } from './messages';
import { DEFINITION } from './definitionDetectors';
import { looksAlike } from './names';

/** What else is known when a definition is screened. */
export interface DefinitionContext {
  /** Tools of other servers, which this one has no reason to speak of. */
  otherTools?: { server: string; name: string }[];
  /** Names that must not be imitated, beyond those of `otherTools`: of this server's other tools, of servers. */
  knownNames?: string[];
}

/** A finding with a sentence that says what an approver should look at. */
export type DefinitionFinding = Finding & { message: string };

/** The answer of a screening. */
export interface DefinitionInspection {
  action: Verdict;
  /** The worst first. */
  findings: DefinitionFinding[];
}

/** Longer names are sentences. */
const MAX_NAME = 128;
/** An approver reads about this much of one text. Of 500 real tools, none of the honest ones needs more. */
const MAX_DESCRIPTION = 4_000;

/** Shorter names are words: `search`, `read`. A mention of them is no reference. */
const MIN_REFERENCE = 8;

const SECRET_PARAMETER =
  /^(?:.*[_-])?(?:password|passwd|passphrase|api_?-?key|apikey|secret(?:_?key)?|private_?key|ssh_?key|access_?token|auth_?token|credentials?|cookies?|session_?token|bearer(?:_?token)?|credit_?card|ssn)$/i;

const ODD_PARAMETER =
  /^(?:side_?-?note|conversation(?:_?history|_?context)?|chat_?history|full_?context|system_?prompt|prompt_?history|message_?history|previous_?messages|tools?_?list|available_?tools|model_?name|reasoning|thoughts|chain_?of_?thought|internal_?notes?|hidden_?notes?|scratchpad|memory_?dump|env(?:ironment)?_?(?:vars|variables|dump)|metadata_?for_?(?:analytics|telemetry))$/i;

/** "Put the whole conversation here", whatever the parameter is called. */
const COLLECTS_CONTEXT =
  /\b(?:put|include|paste|insert|add|copy|provide|pass|write|fill in|place|contains?|attach|summar(?:y|ize)|complete|full|entire|whole)\b(?:[^.\n]{0,60})\b(?:conversation|chat|dialog(?:ue)?|message) ?(?:history|so far|context|log|transcript)?\b|\b(?:system prompt|list of (?:all )?(?:available )?tools|other tools|previous messages|user's (?:original|full|exact) (?:message|prompt|request))/i;

const SENSITIVE_PATH =
  /~\/\.(?:ssh|aws|kube|config|netrc|npmrc|pypirc|docker|gnupg|cursor|claude)|\/etc\/(?:passwd|shadow|sudoers)|\bid_(?:rsa|ed25519|ecdsa)\b|(?<![\w.])\.env\b(?!\.example)|mcp\.json\b|\.git-credentials|\bcredentials\.json\b|\/proc\/self\/environ/i;

const COMMANDING =
  /\b(?:IMPORTANT|CRITICAL|MANDATORY|WARNING|SYSTEM|ATTENTION|URGENT)\b\s?[:!*]|\b(?:you must|must always|always (?:call|use|run|invoke) (?:this|it)|never (?:call|use|mention)|(?:before|instead of) (?:using |calling |running |any )+(?:other|another|any)|this tool (?:must|has to|should always) be (?:called|used)|takes? (?:precedence|priority) over|the only (?:tool|way)|do not use (?:any )?other)\b/i;

const SEVERITY_ORDER = { critical: 0, high: 1, medium: 2, low: 3 };

class DefinitionScreen {
  readonly #inspector: Inspector;
  readonly #others: Map<string, string>;
  readonly #known: string[];
  readonly #maxDepth: number;

  constructor(
    inspector: Inspector,
    context: DefinitionContext,
    maxDepth: number,
  ) {
    this.#inspector = inspector;
    this.#maxDepth = maxDepth;
    const { otherTools = [], knownNames = [] } = context;
    this.#others = new Map(
      otherTools.map(({ name, server }) => [name.toLowerCase(), server]),
    );
    this.#known = [
      ...new Set([...knownNames, ...otherTools.map(({ name }) => name)]),
    ];
  }

  visit(value: unknown, pointer: string, parent: string, depth: number) {
    if (typeof value === 'string') {
      this.#checkText(value, pointer);
      return;
    }
    if (
      typeof value !== 'object' ||
      value === null ||
      depth >= this.#maxDepth
    ) {
      return;
    }
    for (const [key, child] of Object.entries(value)) {
      const place = `${pointer}/${escapeKey(key)}`;
      // The name of a template of resources is a title, and often the template itself.
      const names = place === '/name' && !Object.hasOwn(value, 'uriTemplate');
      if (names && typeof child === 'string') {
        this.#checkName(child, place);
      }
      if (parent === 'properties') {
        this.#checkParameter(key, child, place);
      }
      this.visit(child, place, Array.isArray(value) ? '' : key, depth + 1);
    }
  }

  #checkName(name: string, pointer: string) {
    if (!/^[\w./:-]+$/.test(name) || name.length > MAX_NAME) {
      this.#note(
        'oddName',
        pointer,
        'The name has spaces, markup, or characters that are not plain letters, digits, dots, dashes and slashes, or is very long. Look at it character by character.',
      );
    }
    for (const known of this.#known) {
      if (looksAlike(name, known)) {
        this.#note(
          'lookAlike',
          pointer,
          `The name can be taken for "${foldPhrase(known).slice(
            0,
            64,
          )}". Make sure that it is not meant to be.`,
        );
        return;
      }
    }
  }

  #checkParameter(name: string, schema: unknown, pointer: string) {
    if (ODD_PARAMETER.test(name)) {
      this.#note(
        'oddParameter',
        pointer,
        'By its name, this parameter collects what was said or thought, rather than what the tool needs. Ask what it is for.',
      );
    }
    if (SECRET_PARAMETER.test(name)) {
      this.#note(
        'asksForSecret',
        pointer,
        'This parameter asks the model for a secret. Credentials should reach the server another way.',
      );
    }
    const description =
      typeof schema === 'object' && schema !== null && 'description' in schema
        ? String(schema.description)
        : '';
    if (COLLECTS_CONTEXT.test(description)) {
      this.#note(
        'oddParameter',
        `${pointer}/description`,
        'The description asks for the conversation, the system prompt or other tools. Ask what the tool needs them for.',
      );
    }
  }

  #checkText(text: string, pointer: string) {
    if (text.length > MAX_DESCRIPTION) {
      this.#note(
        'oversized',
        pointer,
        `This text has ${text.length} characters. Read it to its end: orders hide in long texts.`,
      );
    }
    if (SENSITIVE_PATH.test(text)) {
      this.#note(
        'sensitivePath',
        pointer,
        'A file is named that usually holds secrets. Ask why the tool speaks of it.',
      );
    }
    if (COMMANDING.test(text)) {
      this.#note(
        'urgent',
        pointer,
        'The text gives orders to the model rather than describe. Read what it orders, and when.',
      );
    }
    if (text.includes('<!--')) {
      this.#note(
        'hiddenMarkup',
        pointer,
        'The text has a comment, which does not show where it is rendered. Read the source.',
      );
    }
    this.#checkReferences(text, pointer);
  }

  #checkReferences(text: string, pointer: string) {
    if (!this.#others.size) {
      return;
    }
    for (const [word] of text.matchAll(/[A-Za-z0-9][\w.:/-]{2,127}/g)) {
      const server = this.#others.get(word.toLowerCase().replace(/[.:]+$/, ''));
      if (server && (word.length >= MIN_REFERENCE || /[_:/]/.test(word))) {
        this.#note(
          'otherServer',
          pointer,
          `The text speaks of a tool of the server "${server}". A definition should not steer how others are used.`,
        );
        return;
      }
    }
  }

  #note(detector: keyof typeof DEFINITION, pointer: string, message: string) {
    this.#inspector.note(DEFINITION[detector], { pointer }, message);
  }
}

/**
 * Screens a whole definition: name, description, schemas with their
 * descriptions, enums, defaults and titles, annotations, `_meta` and icons.
 */
export function inspectDefinition(
  definition: unknown,
  context: DefinitionContext,
  engine: { inspector: Inspector; limits: JsonLimits },
): DefinitionInspection {
  const { inspector, limits } = engine;
  inspectJson(definition, inspector, limits);
  new DefinitionScreen(inspector, context, limits.depth).visit(
    definition,
    '',
    '',
    0,
  );
  const findings = inspector.findings.map(finding => ({
    ...finding,
    message: finding.message ?? messageFor(finding),
  }));
  findings.sort(
    (one, other) =>
      SEVERITY_ORDER[one.severity] - SEVERITY_ORDER[other.severity],
  );
  return { action: inspector.verdict, findings };
}
