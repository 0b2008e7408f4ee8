export type { ApiOperation, ApiParameter } from './ApiOperation';
export { ApiSpecification } from './ApiSpecification';
export type { ApiScope } from './scopes';
