import type { DetectorFacts } from '../detectors/Detector';
import { ENGINE_DETECTORS } from '../detectors/engineDetectors';
import type { Action, Finding, Verdict } from '../findings';
import { stronger } from '../findings';
import type { AllowList } from './AllowList';
import { Judged, mergeMatches, redactText } from './mergeMatches';
import { previewOf } from './preview';
import type { Scanner } from './Scanner';

/** What an inspection needs, for one direction. */
export interface Inspection {
  scanner: Scanner;
  /** Finds allowed topics; absent when none are configured, or they do not matter here. */
  allowedTopics: Scanner | undefined;
  otherTopic: DetectorFacts;
  actionOf: (detector: DetectorFacts) => Action;
  allowList: AllowList;
  maxLength: number;
  maxFindings: number;
}

/** Where a string is. */
export interface Place {
  pointer: string;
  /** Name of the property. */
  label?: string;
  inKey?: true;
}

/** Looks at the strings of one text or JSON value, one after another, and keeps count. */
export class Inspector {
  readonly findings: Finding[] = [];
  verdict: Verdict = 'pass';
  readonly #inspection: Inspection;
  #length = 0;
  #isFull = false;
  #spokeOfAllowedTopic = false;

  constructor(inspection: Inspection) {
    this.#inspection = inspection;
  }

  /** @returns the text without what must not pass; the same when there is nothing */
  inspect(text: string, place: Place): string {
    const { scanner, maxLength, allowedTopics } = this.#inspection;
    this.#length += text.length;
    if (this.#length > maxLength) {
      this.note(
        ENGINE_DETECTORS.tooLong,
        place,
        `More than ${maxLength} characters; the rest was not looked at`,
      );
      return text;
    }
    if (allowedTopics && !this.#spokeOfAllowedTopic) {
      this.#spokeOfAllowedTopic = allowedTopics.scan(text).length > 0;
    }
    const judged = this.#judge(scanner.scan(text, place.label), text);
    if (!judged.length) {
      return text;
    }
    for (const match of mergeMatches(judged)) {
      this.#add({
        ...facts(match.detector, match.action, place),
        start: match.start,
        end: match.end,
        preview: previewOf(match.detector, text.slice(match.start, match.end)),
        ...(match.also.length && { also: match.also }),
      });
    }
    return redactText(text, judged);
  }

  /** Adds a finding about a place rather than about some text. */
  note(detector: DetectorFacts, place: Place, message: string) {
    const action = this.#inspection.actionOf(detector);
    if (action === 'off') {
      return;
    }
    this.#add({
      ...facts(detector, action, place),
      start: 0,
      end: 0,
      preview: '',
      message,
    });
  }

  /** Judges what can only be judged when everything was seen. */
  finish() {
    if (
      this.#inspection.allowedTopics &&
      !this.#spokeOfAllowedTopic &&
      this.#length > 0
    ) {
      this.note(
        this.#inspection.otherTopic,
        { pointer: '' },
        'Speaks of none of the allowed topics',
      );
    }
  }

  #judge(matches: ReturnType<Scanner['scan']>, text: string): Judged[] {
    const { actionOf, allowList } = this.#inspection;
    const judged: Judged[] = [];
    for (const match of matches) {
      const action = actionOf(match.detector);
      if (action === 'off') {
        continue;
      }
      if (
        !allowList.isEmpty &&
        allowList.has(text.slice(match.start, match.end))
      ) {
        continue;
      }
      judged.push({ ...match, action });
    }
    return judged;
  }

  #add(finding: Finding) {
    this.verdict = stronger<Verdict>(this.verdict, finding.action);
    if (this.findings.length < this.#inspection.maxFindings) {
      this.findings.push(finding);
      return;
    }
    if (!this.#isFull) {
      this.#isFull = true;
      const { tooManyFindings } = ENGINE_DETECTORS;
      const action = this.#inspection.actionOf(tooManyFindings);
      if (action !== 'off') {
        this.verdict = stronger<Verdict>(this.verdict, action);
        this.findings.push({
          ...facts(tooManyFindings, action, { pointer: '' }),
          start: 0,
          end: 0,
          preview: '',
          message: `More than ${
            this.#inspection.maxFindings
          } findings; the others are acted upon, but not listed`,
        });
      }
    }
  }
}

function facts(
  { id, category, severity }: DetectorFacts,
  action: Finding['action'],
  { pointer, inKey }: Place,
) {
  return {
    detector: id,
    category,
    severity,
    action,
    pointer,
    ...(inKey && { inKey }),
  };
}
