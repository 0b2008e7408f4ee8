export { ClientDocuments, DEFAULT_ALLOWED_CLIENT_IDS } from './ClientDocuments';
export { ClientIdPattern } from './ClientIdPattern';
export type { ClientDocument } from './readDocument';
