export { DatabasePrincipalStore } from './DatabasePrincipalStore';
export { PrincipalResolution } from './PrincipalResolution';
export { Principals } from './Principals';
export type { PrincipalName, PrincipalStore } from './PrincipalStore';
