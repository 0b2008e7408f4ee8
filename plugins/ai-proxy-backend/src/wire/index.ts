export { fieldsOf, itemsOf, textOf } from './fields';
export type { Fields } from './fields';
export type { InferenceRequest, Reference } from './InferenceRequest';
export type { Operation, StoredKind } from './Operation';
export { apiOf, operationOf } from './operations';
export type { FurtherRoute } from './operations';
export { readInference } from './readInference';
export { errorBody, RefusedError } from './refusal';
export type { Refusal } from './refusal';
