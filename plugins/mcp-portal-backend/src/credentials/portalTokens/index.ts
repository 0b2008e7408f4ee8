export { PortalTokens } from './PortalTokens';
