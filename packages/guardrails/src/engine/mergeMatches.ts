import { Action, SEVERITIES, Severity } from '../findings';
import type { Match } from './Scanner';

/** A match with what is done about it. */
export interface Judged extends Match {
  action: Exclude<Action, 'off'>;
}

/** Matches that overlap, as one. */
export interface Merged extends Judged {
  /** Ids of the others. */
  also: string[];
}

const ACTION_RANK: Record<Judged['action'], number> = {
  flag: 0,
  redact: 1,
  block: 2,
};

/**
 * Of matches that overlap, the strongest stay: by action, then severity, then
 * length. The others are named in `also`.
 *
 * @returns what stays, in the order of the text, not overlapping
 */
export function mergeMatches(matches: readonly Judged[]): Merged[] {
  const sorted = [...matches].sort(
    (one, other) => one.start - other.start || other.end - one.end,
  );
  const merged: Merged[] = [];
  let cluster: Judged[] = [];
  let clusterEnd = 0;
  for (const match of sorted) {
    if (cluster.length && match.start >= clusterEnd) {
      merged.push(...mergeCluster(cluster));
      cluster = [];
    }
    cluster.push(match);
    clusterEnd = Math.max(cluster.length > 1 ? clusterEnd : 0, match.end);
  }
  merged.push(...mergeCluster(cluster));
  return merged;
}

function mergeCluster(cluster: Judged[]): Merged[] {
  if (cluster.length < 2) {
    return cluster.map(match => ({ ...match, also: [] }));
  }
  const kept: Merged[] = [];
  for (const match of [...cluster].sort(byStrength)) {
    const stronger = kept.find(
      ({ start, end }) => match.start < end && start < match.end,
    );
    if (!stronger) {
      kept.push({ ...match, also: [] });
    } else if (
      stronger.detector.id !== match.detector.id &&
      !stronger.also.includes(match.detector.id)
    ) {
      stronger.also.push(match.detector.id);
    }
  }
  return kept.sort((one, other) => one.start - other.start);
}

function byStrength(one: Judged, other: Judged): number {
  return (
    ACTION_RANK[other.action] - ACTION_RANK[one.action] ||
    severityRank(other.detector.severity) -
      severityRank(one.detector.severity) ||
    other.end - other.start - (one.end - one.start)
  );
}

function severityRank(severity: Severity): number {
  return SEVERITIES.indexOf(severity);
}

/**
 * @returns a text without what the matches cover whose action is `redact` or
 *   `block`: also without what only a weaker, overlapping match covers
 */
export function redactText(text: string, matches: readonly Judged[]): string {
  const covered = matches
    .filter(({ action }) => action !== 'flag')
    .sort((one, other) => one.start - other.start);
  if (!covered.length) {
    return text;
  }
  let redacted = '';
  let position = 0;
  let index = 0;
  while (index < covered.length) {
    let strongest = covered[index];
    const { start } = strongest;
    let { end } = strongest;
    index++;
    while (index < covered.length && covered[index].start < end) {
      const match = covered[index++];
      end = Math.max(end, match.end);
      if (byStrength(match, strongest) < 0) {
        strongest = match;
      }
    }
    redacted += `${text.slice(position, start)}${redactionOf(strongest)}`;
    position = end;
  }
  return redacted + text.slice(position);
}

function redactionOf({ detector }: Judged): string {
  return `[redacted: ${detector.id}]`;
}
