import { createFrontendModule } from '@backstage/frontend-plugin-api';
import { sidebar } from './sidebar';

/** The sidebar: logo, search, pages, settings. */
export const navModule = createFrontendModule({
  pluginId: 'app',
  extensions: [sidebar],
});
