import { InputError } from '@backstage/errors';
import { MAX_DEFINITIONS } from '../../definitions';
import { isRecord } from '../../json/isRecord';
import type { ApiOperation } from './ApiOperation';
import { ContentDigests } from './ContentDigests';
import {
  DescribedOperation,
  findOperation,
  FoundOperation,
} from './findOperation';
import { PathTemplate } from './PathTemplate';
import { type OpenApiDocument, parseSpecification } from './parseSpecification';
import { baseUrlOf, METHODS, readOperation } from './readOperation';
import { pointerToken, resolvedRecord } from './references';
import { ApiScope, scopesOf } from './scopes';

/** Between two pauses in which others get their turn. One operation may refer to thousands of parts. */
const READ_FOR_MS = 20;

/** What of the whole is shown to code by name; the rest it gets to by references only. */
const SHOWN = ['openapi', 'paths'];

/** An operation that cannot be called, and why. */
export interface LeftOut {
  key: string;
  reason: string;
}

/** The description of an API, as far as something is done with it. The document itself is kept as text. */
export class ApiSpecification {
  /** As JSON. The same object as long as the description does not change. */
  readonly source: { json: string };
  /** By key. */
  readonly operations: ReadonlyMap<string, ApiOperation>;
  readonly leftOut: readonly LeftOut[];
  /** Of the first of its servers; may be relative. */
  readonly baseUrl: string | undefined;
  /** That its security schemes name. */
  readonly scopes: readonly ApiScope[];
  /** Pointers of what is never shown by name. */
  readonly #hidden: readonly string[];
  /** Operations of each path, readable or not: pointer and key, by the pointer of the path. */
  readonly #paths: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** Those that are left out as well: a path of one is not another's. */
  readonly #described: readonly DescribedOperation[];

  private constructor(
    document: OpenApiDocument,
    operations: ApiOperation[],
    leftOut: LeftOut[],
    unusable: DescribedOperation[],
  ) {
    this.source = { json: JSON.stringify(document) };
    this.operations = new Map(
      operations.map(operation => [operation.key, operation]),
    );
    this.leftOut = leftOut;
    this.#described = [...operations, ...unusable];
    this.baseUrl = baseUrlOf(document);
    this.scopes = scopesOf(document);
    this.#hidden = Object.keys(document)
      .filter(key => !SHOWN.includes(key))
      .map(key => `/${pointerToken(key)}`);
    this.#paths = new Map(
      Object.entries(document.paths).map(([path, item]) => [
        `/paths/${pointerToken(path)}`,
        keysOf(path, item),
      ]),
    );
  }

  /**
   * @param text - OpenAPI 3 as JSON or YAML
   * @throws InputError that says what is wrong with it
   */
  static async read(text: unknown): Promise<ApiSpecification> {
    const document = parseSpecification(text);
    const digests = new ContentDigests(document);
    const operations: ApiOperation[] = [];
    const leftOut: LeftOut[] = [];
    const unusable: DescribedOperation[] = [];
    let since = performance.now();
    for (const [path, value] of Object.entries(document.paths)) {
      if (operations.length + leftOut.length >= MAX_DEFINITIONS) {
        throw new InputError(
          `The OpenAPI description has more than ${MAX_DEFINITIONS} operations`,
        );
      }
      const item = resolvedRecord(document, value);
      if (item !== value && isRecord(value)) {
        // Its operations stand elsewhere, where they could not be hidden.
        leftOut.push({ key: path.slice(0, 200), reason: 'is a reference' });
        unusable.push(...METHODS.flatMap(method => described(method, path)));
        continue;
      }
      for (const method of METHODS.filter(name => isRecord(item[name]))) {
        const place = { document, digests, path, item, method };
        try {
          operations.push(readOperation(place));
        } catch (error) {
          const { message } = error as Error;
          const key = `${method.toUpperCase()} ${path}`;
          leftOut.push({ key: key.slice(0, 200), reason: message });
          unusable.push(...described(method, path));
        }
        if (performance.now() - since > READ_FOR_MS) {
          await new Promise(setImmediate);
          since = performance.now();
        }
      }
    }
    try {
      return new ApiSpecification(document, operations, leftOut, unusable);
    } catch (error) {
      throw new InputError('The OpenAPI description is nested too deep', error);
    }
  }

  /**
   * JSON pointers of what code does not see under its own name.
   *
   * @param shown - keys of the operations that it sees
   */
  omitted(shown: ReadonlySet<string>): string[] {
    const omitted = [...this.#hidden];
    for (const [path, operations] of this.#paths) {
      const others = [...operations].filter(([, key]) => !shown.has(key));
      if (others.length === operations.size) {
        // Nor that there is such a path.
        omitted.push(path);
      } else {
        omitted.push(...others.map(([pointer]) => pointer));
      }
    }
    return omitted;
  }

  /**
   * The operation that a request is.
   *
   * @throws InputError when there is none, or it could be taken for another
   */
  find(method: string, path: string): FoundOperation {
    const found = findOperation(this.#described, method, path);
    const operation = this.operations.get(found.operation.key);
    if (!operation) {
      throw new InputError(`${found.operation.key} cannot be requested`);
    }
    return { operation, parameters: found.parameters };
  }
}

/** @returns nothing for what is no path either */
function described(name: string, path: string): DescribedOperation[] {
  const method = name.toUpperCase();
  try {
    const template = new PathTemplate(path);
    return [{ key: `${method} ${path}`, method, template }];
  } catch {
    return [];
  }
}

function keysOf(path: string, item: unknown): Map<string, string> {
  return new Map(
    METHODS.filter(method => isRecord(item) && isRecord(item[method])).map(
      method => [
        `/paths/${pointerToken(path)}/${method}`,
        `${method.toUpperCase()} ${path}`,
      ],
    ),
  );
}
