export { attachToBody, identityHeaders } from './attachIdentity';
