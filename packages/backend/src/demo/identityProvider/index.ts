export { identityProviderModule } from './identityProviderModule';
