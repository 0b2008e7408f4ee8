/** A text of policies, and where it comes from. */
export interface PolicySource {
  /** Path of the file, configuration key, `default.cedar` or `draft`. */
  name: string;
  text: string;
}

/** What is wrong with policies, and where. */
export interface PolicyProblem {
  /** Name of the source. */
  source: string;
  /** From 1; absent when it is about the whole source. */
  line?: number;
  /** Absent when the policy has none, or it is about no single one. */
  policyId?: string;
  /** For people. */
  message: string;
}

/** A problem in one line, such as `policies/tools.cedar:12 (policy "writers"): …`. */
export function describeProblem(problem: PolicyProblem): string {
  const { source, line, policyId, message } = problem;
  const place = line === undefined ? source : `${source}:${line}`;
  return policyId === undefined
    ? `${place}: ${message}`
    : `${place} (policy "${policyId}"): ${message}`;
}

/** Line of a text, from 1, at an index into it. */
export function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

/** Line of a text, from 1, at an offset of Cedar, which counts bytes of UTF-8. */
export function lineAtByte(text: string, offset: number): number {
  return lineAt(Buffer.from(text).subarray(0, offset).toString(), Infinity);
}
