import { createApp } from '@backstage/frontend-defaults';
import { navModule } from './modules/nav';
import { signInModule } from './modules/signIn';

// Plugins are not listed here: `app.packages: all` in app-config.yaml installs those that
// package.json depends on.
export default createApp({
  features: [navModule, signInModule],
});
