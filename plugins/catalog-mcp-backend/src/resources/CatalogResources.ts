import { NotFoundError } from '@backstage/errors';
import {
  ListResourcesResult,
  ListResourceTemplatesResult,
  ReadResourceResult,
  UriTemplate,
} from '@modelcontextprotocol/server';
import type { CallerCatalog } from '../catalog/CallerCatalog';
import type { CatalogTool } from '../tools';
import { runTool } from '../tools/runTool';

/** A larger definition is read operation by operation, with get_api. */
const MAX_DEFINITION_CHARACTERS = 200_000;

const DEFINITION_MIME_TYPES: Record<string, string> = {
  openapi: 'application/yaml',
  asyncapi: 'application/yaml',
  graphql: 'application/graphql',
  grpc: 'text/plain',
};

type Variables = Record<string, string>;

interface ResourceTemplate {
  name: string;
  title: string;
  description: string;
  mimeType?: string;
  uriTemplate: UriTemplate;
  read(
    variables: Variables,
    caller: CallerCatalog,
  ): Promise<{ text: string; mimeType: string }>;
}

/** The catalog as MCP resources: entities, API definitions and documentation by URI. */
export class CatalogResources {
  readonly #templates: ResourceTemplate[];
  readonly #team: CatalogTool;

  /** @param tools - all tools; resources answer by those that have the same answer */
  constructor(tools: CatalogTool[]) {
    const tool = (name: string) => {
      const found = tools.find(each => each.name === name);
      if (!found) {
        throw new Error(`There is no tool ${name}`);
      }
      return found;
    };
    const entity = tool('get-entity');
    const docs = tool('get-docs');
    this.#team = tool('get-team');
    this.#templates = [
      {
        name: 'entity',
        title: 'Entity',
        description: 'What one entity of the software catalog is',
        mimeType: 'application/json',
        uriTemplate: new UriTemplate(
          'catalog://entities/{kind}/{namespace}/{name}',
        ),
        read: async (variables, caller) =>
          json(await runTool(entity, { ref: refOf(variables) }, caller)),
      },
      {
        name: 'api-definition',
        title: 'API definition',
        description:
          'The definition of an API as it was written: OpenAPI, AsyncAPI, GraphQL or gRPC',
        uriTemplate: new UriTemplate(
          'catalog://apis/{namespace}/{name}/definition',
        ),
        read: (variables, caller) =>
          readDefinition(refOf({ ...variables, kind: 'api' }), caller),
      },
      {
        name: 'docs',
        title: 'Documentation page',
        description: "A page of an entity's TechDocs documentation",
        mimeType: 'text/markdown',
        uriTemplate: new UriTemplate(
          'catalog://docs/{kind}/{namespace}/{name}/{+path}',
        ),
        read: async (variables, caller) => {
          const { markdown, more } = await runTool(
            docs,
            { ref: refOf(variables), path: variables.path },
            caller,
          );
          return {
            text: more
              ? `${markdown}\n\n> ${more} The tool get_docs does.`
              : String(markdown),
            mimeType: 'text/markdown',
          };
        },
      },
    ];
  }

  list(): ListResourcesResult {
    return {
      resources: [
        {
          uri: 'catalog://me',
          name: 'me',
          title: 'My team',
          description: 'The team of the signed-in user and what it owns',
          mimeType: 'application/json',
        },
        {
          uri: 'catalog://kinds',
          name: 'kinds',
          title: 'What is in the catalog',
          description: 'Kinds and types of entities, most frequent first',
          mimeType: 'application/json',
        },
      ],
    };
  }

  templates(): ListResourceTemplatesResult {
    return {
      resourceTemplates: this.#templates.map(
        ({ name, title, description, mimeType, uriTemplate }) => ({
          name,
          title,
          description,
          mimeType,
          uriTemplate: uriTemplate.toString(),
        }),
      ),
    };
  }

  /**
   * @throws NotFoundError and others of `@backstage/errors` when there is no
   *   such resource that the caller can see
   */
  async read(uri: string, caller: CallerCatalog): Promise<ReadResourceResult> {
    return { contents: [{ uri, ...(await this.#content(uri, caller)) }] };
  }

  async #content(uri: string, caller: CallerCatalog) {
    if (uri === 'catalog://me') {
      return json(await runTool(this.#team, {}, caller));
    }
    if (uri === 'catalog://kinds') {
      return json({
        kinds: await caller.values('kind'),
        types: await caller.values('spec.type'),
      });
    }
    for (const template of this.#templates) {
      const variables = template.uriTemplate.match(uri);
      if (variables) {
        return template.read(decoded(variables), caller);
      }
    }
    throw new NotFoundError(
      'There is no such resource; resources/templates/list names what there is',
    );
  }
}

async function readDefinition(ref: string, caller: CallerCatalog) {
  const entity = await caller.wholeEntity(ref);
  const definition = entity?.spec?.definition;
  if (!entity || typeof definition !== 'string') {
    throw new NotFoundError(
      `${ref} is not an API with a definition that you can see`,
    );
  }
  if (definition.length > MAX_DEFINITION_CHARACTERS) {
    throw new NotFoundError(
      `The definition of ${ref} has ${definition.length} characters, too many to read at once. Use the tool get_api`,
    );
  }
  return {
    text: definition,
    mimeType: DEFINITION_MIME_TYPES[String(entity.spec?.type)] ?? 'text/plain',
  };
}

function json(value: unknown) {
  return { text: JSON.stringify(value), mimeType: 'application/json' };
}

function refOf({ kind, namespace, name }: Variables): string {
  return `${kind}:${namespace}/${name}`;
}

function decoded(variables: Record<string, string | string[]>): Variables {
  return Object.fromEntries(
    Object.entries(variables).map(([key, value]) => {
      const text = Array.isArray(value) ? value.join('/') : value;
      try {
        return [key, decodeURIComponent(text)];
      } catch {
        return [key, text];
      }
    }),
  );
}
