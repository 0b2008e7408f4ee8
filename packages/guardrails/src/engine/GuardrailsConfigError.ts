/** Options of the guardrails make no sense; the message says which, why, and what to write instead. */
export class GuardrailsConfigError extends Error {
  name = 'GuardrailsConfigError';
}
