/** What a token may be for; a token is for exactly one of them (RFC 8707). @public */
export type ResourceKind = 'catalog' | 'portal' | 'proxy';

/** Something an agent may do at a resource, as it stands in a token and on the consent page. @public */
export interface AgentScope {
  /** As in OAuth's `scope` parameter, such as `tools:write`. */
  name: string;
  title: string;
  description: string;
  /** Whether it changes anything; such scopes are asked for with a warning. */
  write: boolean;
}

/** A kind of resource that takes agent tokens. @public */
export interface ResourceType {
  kind: ResourceKind;
  /** The backend plugin that serves it, and may ask who is calling. */
  pluginId: string;
  /**
   * Its path below the plugin's external base URL. `:portal` stands for the
   * name of one portal: letters, digits, `-` and `_`; or `apis/` and that of an API.
   */
  path: string;
  title: string;
  /** In the order in which the consent page shows them. */
  scopes: readonly AgentScope[];
  /** What a user can narrow besides scopes. */
  limits: readonly ('servers' | 'models' | 'budget')[];
}

/** All resources of the platform. @public */
export const resourceTypes: readonly ResourceType[] = [
  {
    kind: 'catalog',
    pluginId: 'catalog-mcp',
    path: '/v1',
    title: 'Software catalog',
    scopes: [
      {
        name: 'catalog:read',
        title: 'Read the catalog',
        description:
          'Look up owners, dependencies, APIs, scorecards and documentation that you can see.',
        write: false,
      },
    ],
    limits: [],
  },
  {
    kind: 'portal',
    pluginId: 'mcp-portal',
    path: '/v1/:portal',
    title: 'MCP portal',
    scopes: [
      {
        name: 'tools:read',
        title: 'Use tools that read',
        description: 'Call tools that only read, on the servers you may use.',
        write: false,
      },
      {
        name: 'tools:write',
        title: 'Use tools that write',
        description:
          'Call tools that create, change or delete things in your name.',
        write: true,
      },
    ],
    limits: ['servers'],
  },
  {
    kind: 'proxy',
    pluginId: 'ai-proxy',
    path: '',
    title: 'AI models',
    scopes: [
      {
        name: 'models:use',
        title: 'Use AI models',
        description: 'Send prompts to models. Costs count towards your budget.',
        write: false,
      },
    ],
    limits: ['models', 'budget'],
  },
];
