import { CallRefusal } from './CallRefusal';

/** Policy asks other people now than it asked when the call began. */
export function approvalChanged(): CallRefusal {
  return new CallRefusal(
    'approval',
    'Who has to approve the call has changed meanwhile; make it again',
  );
}
