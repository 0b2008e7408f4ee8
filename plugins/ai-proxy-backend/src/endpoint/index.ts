export { readEndpointConfig } from './config';
export { createHandler } from './createHandler';
export type { Answerers } from './createHandler';
export { modelTrafficFirst, takeModelTraffic } from './modelTraffic';
