export { JsonDocument } from './JsonDocument';
export { AmbiguousJsonError, membersOf } from './members';
export type { Member, Members } from './members';
