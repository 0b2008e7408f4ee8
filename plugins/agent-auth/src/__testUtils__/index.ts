export { consentRequest, deviceRequest, connection } from './samples';
export { FakeAgentAuthApi, refusal } from './FakeAgentAuthApi';
export { renderPlugin } from './renderPlugin';
export { waitUntilEnabled } from './waitUntilEnabled';
