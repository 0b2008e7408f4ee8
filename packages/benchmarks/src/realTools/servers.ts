/** An MCP server from npm whose tools are recorded. */
export interface ServerPackage {
  /** How the server is called in a portal. */
  name: string;
  package: string;
  version: string;
  /** Arguments of its command. */
  args?: string[];
  /** Credentials that let nobody in: they only make the server list its tools. */
  env?: Record<string, string>;
}

/**
 * What engineers connect agents to. The first 13 are a usual set behind one
 * portal; the others make it large. Versions are those whose package.json
 * declares a licence under which the definitions may be passed on.
 */
export const SERVERS: ServerPackage[] = [
  {
    name: 'github',
    package: '@modelcontextprotocol/server-github',
    version: '2025.4.8',
    env: { GITHUB_PERSONAL_ACCESS_TOKEN: 'none' },
  },
  {
    name: 'filesystem',
    package: '@modelcontextprotocol/server-filesystem',
    version: '2026.1.14',
    args: ['.'],
  },
  {
    name: 'memory',
    package: '@modelcontextprotocol/server-memory',
    version: '2025.11.25',
  },
  {
    name: 'slack',
    package: '@modelcontextprotocol/server-slack',
    version: '2025.4.25',
    env: { SLACK_BOT_TOKEN: 'xoxb-none', SLACK_TEAM_ID: 'T0' },
  },
  {
    name: 'jira',
    package: '@aashari/mcp-server-atlassian-jira',
    version: '3.3.0',
    env: {
      ATLASSIAN_SITE_NAME: 'none',
      ATLASSIAN_USER_EMAIL: 'nobody@example.com',
      ATLASSIAN_API_TOKEN: 'none',
    },
  },
  {
    name: 'grafana',
    package: '@leval/mcp-grafana',
    version: '1.1.7',
    env: {
      GRAFANA_URL: 'http://127.0.0.1:9',
      GRAFANA_SERVICE_ACCOUNT_TOKEN: 'none',
      GRAFANA_API_KEY: 'none',
    },
  },
  {
    name: 'datadog',
    package: 'datadog-mcp',
    version: '5.8.2',
    env: { DD_API_KEY: 'none', DD_APP_KEY: 'none' },
  },
  {
    name: 'kubernetes',
    package: 'mcp-server-kubernetes',
    version: '4.1.7',
  },
  { name: 'playwright', package: '@playwright/mcp', version: '0.0.83' },
  {
    name: 'git',
    package: '@cyanheads/git-mcp-server',
    version: '2.15.3',
    env: { MCP_TRANSPORT_TYPE: 'stdio', MCP_LOG_LEVEL: 'error' },
  },
  {
    name: 'notion',
    package: '@notionhq/notion-mcp-server',
    version: '2.5.2',
    env: { NOTION_TOKEN: 'none' },
  },
  {
    name: 'context7',
    package: '@upstash/context7-mcp',
    version: '4.1.1',
  },
  {
    name: 'thinking',
    package: '@modelcontextprotocol/server-sequential-thinking',
    version: '2025.12.18',
  },
  {
    name: 'argocd',
    package: 'argocd-mcp',
    version: '0.9.0',
    args: ['stdio'],
    env: { ARGOCD_BASE_URL: 'http://127.0.0.1:9', ARGOCD_API_TOKEN: 'none' },
  },
  {
    name: 'circleci',
    package: '@circleci/mcp-server-circleci',
    version: '0.20.0',
    env: { CIRCLECI_TOKEN: 'none' },
  },
  {
    name: 'mongodb',
    package: 'mongodb-mcp-server',
    version: '3.0.4',
    env: { MDB_MCP_CONNECTION_STRING: 'mongodb://127.0.0.1:9' },
  },
  {
    name: 'sonarqube',
    package: 'sonarqube-mcp-server',
    version: '1.10.21',
    env: { SONARQUBE_TOKEN: 'none', SONARQUBE_URL: 'http://127.0.0.1:9' },
  },
  {
    name: 'postgres',
    package: '@modelcontextprotocol/server-postgres',
    version: '0.6.2',
    args: ['postgresql://127.0.0.1:9/none'],
  },
  {
    name: 'elasticsearch',
    package: '@elastic/mcp-server-elasticsearch',
    version: '0.3.1',
    env: { ES_URL: 'http://127.0.0.1:9', ES_API_KEY: 'none' },
  },
  {
    name: 'everything',
    package: '@modelcontextprotocol/server-everything',
    version: '2026.1.14',
  },
  { name: 'chrome', package: 'chrome-devtools-mcp', version: '1.11.0' },
  {
    name: 'gitlab',
    package: '@zereight/mcp-gitlab',
    version: '2.1.64',
    env: {
      GITLAB_PERSONAL_ACCESS_TOKEN: 'none',
      GITLAB_API_URL: 'http://127.0.0.1:9/api/v4',
    },
  },
  {
    name: 'terraform',
    package: 'terraform-mcp-server',
    version: '0.13.0',
  },
  {
    name: 'firecrawl',
    package: 'firecrawl-mcp',
    version: '3.26.0',
    env: { FIRECRAWL_API_KEY: 'fc-none' },
  },
  {
    name: 'maps',
    package: '@modelcontextprotocol/server-google-maps',
    version: '0.6.2',
    env: { GOOGLE_MAPS_API_KEY: 'none' },
  },
  {
    name: 'linear',
    package: '@tacticlaunch/mcp-linear',
    version: '1.4.3',
    env: { LINEAR_API_TOKEN: 'none' },
  },
];
