export { describeOrigin } from './clientOrigin';
export { describeGrantType } from './grantType';
export { describeLifetime } from './lifetime';
export { describeLimits } from './limits';
export { describeResource, describeScope } from './resource';
export { describeDate, describeTimeAgo } from './time';
export { describeUserAgent } from './userAgent';
