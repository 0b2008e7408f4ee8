export { isApi } from './apiServers';
export { apiSnapshot } from './apiSnapshot';
export { ApiSpecifications } from './ApiSpecifications';
export { ApiExchange } from './requests/ApiExchange';
export { readRequest } from './requests/ApiRequest';
export { ApiSpecification } from './specification';
export type { ApiOperation, ApiScope } from './specification';
