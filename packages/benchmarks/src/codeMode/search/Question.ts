/** What an engineer asks for, and the tools that would do. */
export interface Question {
  text: string;
  /** Names of all tools that are right answers. */
  tools: string[];
  /** Kept apart while the search is worked on: how it does with what it was not made for. */
  isHeldOut: boolean;
}
