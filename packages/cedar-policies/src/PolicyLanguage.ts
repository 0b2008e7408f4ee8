import type { PolicyVocabulary } from './PolicyVocabulary';
import type { PolicyReads } from './reads';
import type { CedarRequest, LocalTime } from './requests';
import type { PolicySource } from './sources';

/** What policies can be written about, and how a question becomes one to Cedar. */
export interface PolicyLanguage<Question> extends PolicyVocabulary {
  /** Policies that are part of the set unless the configuration says otherwise; named {@link DEFAULT_POLICIES}. */
  defaultPolicies(): PolicySource;
  /**
   * A question as Cedar takes it.
   *
   * @param options.reads - what the policies read; the rest should be left out
   */
  toRequest(
    question: Question,
    options: { reads: PolicyReads; localTime: LocalTime },
  ): CedarRequest;
  /** Why a question cannot be decided by policies that read this; undefined when it can. */
  refusal(question: Question, reads: PolicyReads): string | undefined;
  /** What a question is about, for people, after "No policy permits". */
  describe(question: Question): string;
  /** For people, when Cedar cannot read a question. */
  readonly undecidable: string;
}
