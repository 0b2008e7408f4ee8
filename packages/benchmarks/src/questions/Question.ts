import type { ContenderName, Sessions } from '../contenders';
import type { OrganisationModel } from './OrganisationModel';

/** What an answer must contain to be one. */
export interface Facts {
  /** Names, refs, addresses or words, each without spaces. */
  words: string[];
  /** How many of them suffice; all of them when absent. */
  enough?: number;
}

/** A question that people ask of a catalog, and how each contender is asked. */
export interface Question {
  /** Short, for the option that chooses questions. */
  id: string;
  /** As a person says it; X stands for a subject. */
  title: string;
  /** What it is asked about in turn, so that no cache answers for the contender. */
  subjects(organisation: OrganisationModel): string[];
  /** What an answer about a subject must contain. */
  facts(organisation: OrganisationModel, subject: string): Facts;
  /**
   * Asks a contender, with the fewest and smallest calls that its interface
   * allows, and returns everything that a model gets to read.
   */
  ask: {
    [Name in ContenderName]: (
      session: Sessions[Name],
      subject: string,
    ) => Promise<Reading>;
  };
}

/** What a model reads for an answer: texts, or values that it would be given as JSON. */
export type Reading = unknown[];

/** A reading as one text. */
export function textOf(reading: Reading): string {
  return reading
    .map(part => (typeof part === 'string' ? part : JSON.stringify(part)))
    .join('\n');
}
