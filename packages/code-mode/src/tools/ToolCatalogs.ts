import { createHash } from 'node:crypto';
import { InputError } from '@backstage/errors';
import type { DocumentSource, DocumentView } from '../document/DocumentView';
import { isGlobalName } from './globalNames';
import { DEFAULT_NAMESPACE, isCallable, RESERVED_NAMES } from './names';
import type { ToolDefinition } from './ToolDefinition';

/** A document as it is sent to sandbox processes. */
export interface DocumentText {
  hash: string;
  json: string;
}

/** What code sees, as it is sent to sandbox processes. */
export interface ToolCatalog {
  /** Of all the rest. */
  hash: string;
  /** Of the global with the tools. */
  namespace: string;
  /** An array of `ToolDefinition`; on a second line the pointers that a document omits. */
  text: string;
  /** Of tools that can be called. */
  names: ReadonlySet<string>;
  /** With the name of its global. */
  document?: DocumentText & { name: string };
}

/** What a catalog is made of. */
export interface CatalogParts {
  tools: readonly ToolDefinition[];
  namespace?: string;
  document?: DocumentView;
}

const MAX_TOOL_CHARACTERS = 100_000;
const MAX_TOOLS = 20_000;
const MAX_CATALOG_CHARACTERS = 30_000_000;

/** Parsed it takes several times as much of the sandbox process's memory. */
const MAX_DOCUMENT_CHARACTERS = 32_000_000;

/**
 * Makes texts of what code sees, once for each array of tools or view of a
 * document: these must not change after they were used.
 */
export class ToolCatalogs {
  readonly #known = new WeakMap<
    object,
    Pick<CatalogParts, 'tools' | 'namespace'> & { catalog: ToolCatalog }
  >();
  readonly #documents = new WeakMap<DocumentSource, DocumentText>();
  readonly #byHash = new Map<string, WeakRef<ToolCatalog>>();
  readonly #unused = new FinalizationRegistry<string>(hash => {
    if (!this.#byHash.get(hash)?.deref()) {
      this.#byHash.delete(hash);
    }
  });

  /**
   * @throws InputError if names are reserved, not unique or cannot be those of
   *   globals, or something is too large.
   */
  of(parts: CatalogParts): ToolCatalog {
    const { tools, namespace, document } = parts;
    const key = document ?? tools;
    const known = this.#known.get(key);
    if (known?.tools === tools && known.namespace === namespace) {
      return known.catalog;
    }
    const catalog = this.#shared(
      createCatalog(parts, document && this.#documentOf(document.source)),
    );
    this.#known.set(key, { tools, namespace, catalog });
    return catalog;
  }

  /** Many users see the same, each in an array of their own: one text of it is enough. */
  #shared(catalog: ToolCatalog): ToolCatalog {
    const { hash } = catalog;
    const same = this.#byHash.get(hash)?.deref();
    if (same) {
      return same;
    }
    this.#byHash.set(hash, new WeakRef(catalog));
    this.#unused.register(catalog, hash);
    return catalog;
  }

  #documentOf(source: DocumentSource): DocumentText {
    let document = this.#documents.get(source);
    if (!document) {
      const { json } = source;
      if (json.length > MAX_DOCUMENT_CHARACTERS) {
        throw new InputError(
          `The document has ${json.length} characters of at most ${MAX_DOCUMENT_CHARACTERS}`,
        );
      }
      document = { hash: hashOf(json), json };
      this.#documents.set(source, document);
    }
    return document;
  }
}

function createCatalog(
  { tools, namespace = DEFAULT_NAMESPACE, document: view }: CatalogParts,
  document: DocumentText | undefined,
): ToolCatalog {
  const globals = [namespace, ...(view ? [view.name] : [])];
  for (const name of globals) {
    if (!isGlobalName(name)) {
      throw new InputError(
        `${name.slice(0, 200)} cannot be the name of a global`,
      );
    }
  }
  if (new Set(globals).size < globals.length) {
    throw new InputError('The tools and the document have the same name');
  }
  const names = callableNames(tools);
  const json = `[${tools.map(toolJson).join(',')}]`;
  const text = view?.omit?.length
    ? `${json}\n${JSON.stringify(view.omit)}`
    : json;
  if (text.length > MAX_CATALOG_CHARACTERS) {
    throw new InputError(
      `The tool definitions have ${text.length} characters of at most ${MAX_CATALOG_CHARACTERS}`,
    );
  }
  const hash = hashOf(
    [namespace, view?.name ?? '', document?.hash ?? '', text].join('\n'),
  );
  return {
    hash,
    namespace,
    text,
    names,
    ...(view && document && { document: { ...document, name: view.name } }),
  };
}

/** @throws InputError */
function callableNames(tools: readonly ToolDefinition[]): Set<string> {
  if (tools.length > MAX_TOOLS) {
    throw new InputError(`An execution may have ${MAX_TOOLS} tools`);
  }
  const names = new Set<string>();
  for (const { name } of tools) {
    if (typeof name !== 'string' || !name || RESERVED_NAMES.includes(name)) {
      throw new InputError(
        `The tool name ${String(name).slice(0, 200)} is reserved, or no name`,
      );
    }
    if (names.has(name)) {
      throw new InputError(`Two tools have the name ${name}`);
    }
    names.add(name);
  }
  return new Set([...names].filter(isCallable));
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

/** Definitions come from servers that may mean harm: what is too long or cannot be written loses its schemas. */
function toolJson(tool: ToolDefinition): string {
  const { name, server, description, inputSchema, outputSchema, annotations } =
    tool;
  try {
    const json = JSON.stringify({
      name,
      server,
      description,
      inputSchema,
      outputSchema,
      annotations,
    });
    if (json.length <= MAX_TOOL_CHARACTERS) {
      return json;
    }
  } catch {
    // Nested so deep that it cannot be written, or refers to itself.
  }
  return JSON.stringify({
    name,
    server,
    description: `${String(description ?? '').slice(
      0,
      1000,
    )} [definition left out: too large]`,
  });
}
