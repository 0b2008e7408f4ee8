import type { Category, Finding } from '../findings';

const BY_DETECTOR: Record<string, string> = {
  'injection.unicode-tags':
    'Characters that no person can see carry text for the model. There is no honest reason for them.',
  'injection.variation-selectors':
    'A run of invisible characters can carry hidden bytes. Look at the raw text.',
  'injection.zero-width':
    'Invisible characters are within words. Look at the raw text.',
  'injection.bidi-controls':
    'Control characters change the order in which the text shows. Look at the raw text.',
  'injection.encoded':
    'Encoded text decodes to orders for the model. Decode it and read it.',
  'injection.concealment':
    'The text tells the model to hide something from the user. Read the whole sentence.',
  'injection.tool-directive':
    'The text tells the model to use other tools or to read files. Ask why.',
  'injection.data-theft':
    'The text tells the model to send data somewhere. Read the whole sentence.',
};

const BY_CATEGORY: Record<Category, string> = {
  secret:
    'There seems to be a secret in the definition. It must be revoked, and the definition changed.',
  'personal-data':
    'There seem to be personal data in the definition. See whether they belong there.',
  'prompt-injection':
    'The text speaks to the model like an attacker. Read the whole sentence, and what is around it.',
  exfiltration:
    'An address can carry data away. See where it leads, and what would be sent.',
  pattern:
    'A pattern of your administrators was found. Read the text around it.',
  topic: 'A topic that your administrators denied was found.',
  limit:
    'The definition is too large to be screened. It should not be approved.',
};

/** @returns a sentence that says what an approver should look at */
export function messageFor({ detector, category }: Finding): string {
  return BY_DETECTOR[detector] ?? BY_CATEGORY[category];
}
