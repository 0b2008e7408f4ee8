import type {
  AuthService,
  DiscoveryService,
  LoggerService,
  RootSystemMetadataService,
} from '@backstage/backend-plugin-api';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import { ApiDefinitions } from '../apis/ApiDefinitions';
import { ApiOperationIndex } from '../apis/ApiOperationIndex';
import { PluginClient } from '../clients/PluginClient';
import { TechDocs } from '../documentation/TechDocs';
import type { CatalogGraphCache } from '../graph/CatalogGraphCache';
import type { EntityIndex } from '../names/EntityIndex';
import type { EntityResolver } from '../names/EntityResolver';
import { TechInsights } from '../scorecards/TechInsights';
import { withoutHiddenRefs } from '../visibility/withoutHiddenRefs';
import type { CatalogTool } from './CatalogTool';
import { createFindApisTool } from './findApis';
import { createFindEntitiesTool } from './findEntities';
import { createFindPathTool } from './findPath';
import { createGetApiTool } from './getApi';
import { createGetDataStoresTool } from './getDataStores';
import { createGetDependenciesTool } from './getDependencies';
import { createGetDocsTool } from './getDocs';
import { createGetEntityTool } from './getEntity';
import { createGetOwnerTool } from './getOwner';
import { createGetScorecardTool } from './getScorecard';
import { createGetSystemTool } from './getSystem';
import { createGetTeamTool } from './getTeam';
import { createImpactOfTool } from './impactOf';
import { createResolveRepositoryTool } from './resolveRepository';

export type { CatalogTool } from './CatalogTool';

/** What tools are made of. */
export interface CatalogToolsOptions {
  catalog: CatalogService;
  auth: AuthService;
  discovery: DiscoveryService;
  logger: LoggerService;
  systemMetadata: RootSystemMetadataService;
  cache: CatalogGraphCache;
  index: EntityIndex;
  resolver: EntityResolver;
  dataStoreTypes: string[];
}

/** All tools, in the order in which they are listed. */
export function createCatalogTools(
  options: CatalogToolsOptions,
): CatalogTool[] {
  const { cache, index, resolver, dataStoreTypes } = options;
  const plugins = new PluginClient(options);
  const techDocs = new TechDocs({ plugins });
  const techInsights = new TechInsights({ plugins });
  const definitions = new ApiDefinitions();
  const operations = new ApiOperationIndex(options);
  const tools = [
    createFindEntitiesTool({ cache, index, resolver }),
    createGetEntityTool({ resolver }),
    createGetOwnerTool({ resolver, cache }),
    createGetDependenciesTool({ cache, resolver }),
    createFindPathTool({ cache, resolver }),
    createImpactOfTool({ cache, resolver }),
    createFindApisTool({ cache, index, operations }),
    createGetApiTool({ resolver, definitions }),
    createGetDocsTool({ resolver, techDocs }),
    createGetScorecardTool({ resolver, techInsights }),
    createGetSystemTool({ resolver }),
    createGetDataStoresTool({ resolver, dataStoreTypes }),
    createResolveRepositoryTool({ cache }),
    createGetTeamTool({ resolver }),
  ];
  return tools.map(tool => withoutHiddenRefs(tool, { cache }));
}
