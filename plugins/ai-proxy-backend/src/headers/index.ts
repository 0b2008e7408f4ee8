export { requestHeaders } from './requestHeaders';
export { responseHeaders } from './responseHeaders';
