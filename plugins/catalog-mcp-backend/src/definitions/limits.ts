/** Definitions larger than this (bytes of UTF-8) are refused. Parsing blocks the process; this keeps it to about two seconds. */
export const MAX_DEFINITION_BYTES = 10 * 1024 * 1024;

/** More operations than this are refused: YAML aliases can make a small document declare millions. */
export const MAX_OPERATIONS = 200_000;

/** Characters of JSON in `OperationDetail.detail`; with the description and the signature an answer stays under about 24,000. */
export const MAX_DETAIL_CHARACTERS = 20_000;

/** Longest `OperationDetail.description` and `ApiDefinition.description`, characters. */
export const MAX_DESCRIPTION_CHARACTERS = 2_000;

/** Longest one-line text (title, summary, tag, server address), characters. */
export const MAX_LINE_CHARACTERS = 300;

/** Longest id and signature, characters. Longer ids are also not looked up. */
export const MAX_ID_CHARACTERS = 500;

/** Most tags of one operation and most servers of one definition. */
export const MAX_LABELS = 20;
