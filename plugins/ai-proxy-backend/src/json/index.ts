export { JsonDocument } from './JsonDocument';
export { JsonText } from './JsonText';
export {
  AmbiguousJsonError,
  checkNames,
  elementsOf,
  membersOf,
} from './members';
export type { Member, Members, Span } from './members';
