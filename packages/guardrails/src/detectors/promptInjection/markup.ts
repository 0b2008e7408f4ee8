import { anchoredPattern } from '../anchored';
import type { Detector } from '../Detector';

/** Words that make hidden text suspicious: it speaks to a model. */
const SPEAKS_TO_MODEL =
  /\b(?:ignore|disregard|instructions?|assistant|system prompt|you must|do not tell|don'?t tell|language model|llm|ai agent|ai assistant|prompt|secretly|exfiltrate|call the|use the \w+ tool|send (?:the|all|your)|api[ _-]?keys?|credentials|override)\b/i;

/** Two such words, since pages hide menus and dialogues for good reasons. */
function speaksToModel(text: string): boolean {
  const first = SPEAKS_TO_MODEL.exec(text);
  return (
    first !== null &&
    SPEAKS_TO_MODEL.test(text.slice(first.index + first[0].length))
  );
}

/** Markup by which text passes for something else, or hides. */
export const MARKUP_INJECTIONS: Detector[] = [
  anchoredPattern({
    id: 'injection.chat-template',
    category: 'prompt-injection',
    severity: 'high',
    description:
      'Finds the marks by which chat templates of models separate roles, such as <|im_start|> and [INST].',
    previewChars: 0,
    anchors: [
      '<|',
      '[inst]',
      '[/inst]',
      '<<sys>>',
      '<</sys>>',
      '<start_of_turn>',
      '<end_of_turn>',
      '\nhuman:',
      '\nassistant:',
      '### system',
      '### instruction',
      '[system]',
      '[system message',
      '<system',
      '</system',
      '<important>',
      '</important>',
      '<assistant>',
      '</tool_result',
      '</function_results',
      '</untrusted',
      '</user_query',
      '</document_content',
    ],
    pattern:
      /<\|(?:im_start|im_end|im_sep|system|user|assistant|endoftext|end_of_text|begin_of_text|eot_id|start_header_id|end_header_id|channel|message|start|end|return|call|endofprompt|fim_prefix|begin[ _]of[ _]sentence|end[ _]of[ _]sentence|python_tag|tool_call|observation)\|>|\[\/?INST\]|<<\/?SYS>>|<(?:start|end)_of_turn>|(?<=\n\s{0,3})\n(?:Human|Assistant): (?=[A-Z])|(?<=(?:^|\n)\s{0,3})### (?:System(?: (?:Prompt|Message|Instructions?))?|Instructions?):?\s*\n|(?<=(?:^|\n)\s{0,3})\[system(?: message| note| prompt|(?=\](?::|\(#)))\](?:\(#\w{0,20}\))?|<\/?system[-_](?:prompt|message|reminder|instructions?|override|note)>|<system>(?=[^<]{0,500}<\/system)|<\/system>|<\/?important>|<assistant>|<\/(?:tool_result|function_results|untrusted\w{0,20}|user_query|document_content)>/i,
  }),
  anchoredPattern({
    id: 'injection.html-comment',
    category: 'prompt-injection',
    severity: 'high',
    description: 'Finds comments of HTML and Markdown that speak to a model.',
    previewChars: 4,
    anchors: ['<!--', '[//]:', '[comment]:'],
    pattern:
      /<!--(?:[^-<]|-(?!->)|<(?!!--)){4,4000}(?:-->|$)|\[(?:\/\/|comment)\]: ?(?:#|<>) ?[("'][^\n]{8,2000}/i,
    accept: speaksToModel,
  }),
  anchoredPattern({
    id: 'injection.invisible-style',
    category: 'prompt-injection',
    severity: 'high',
    description:
      'Finds text that a style makes invisible and that speaks to a model.',
    previewChars: 0,
    anchors: [
      'display:',
      'visibility:',
      'font-size:',
      'opacity:',
      'color:',
      'text-indent:',
      'left:',
      'hidden>',
      'hidden ',
      '\\tiny',
      'aria-hidden',
    ],
    pattern:
      /(?<=[\s"';{-])(?:display: ?none|visibility: ?hidden|font-size: ?0(?:\.\d)?(?:px|pt|em|rem|%)?(?=[;"'} ])|font-size: ?1px|opacity: ?0(?:\.0\d?)?(?=[;"'} ])|color: ?(?:#fff(?:fff)?|white|transparent|rgba?\(255, ?255, ?255[^)]{0,8}\))|text-indent: ?-\d{3,5}|left: ?-\d{3,5}|hidden|aria-hidden="true")[^<>]{0,200}>[^<]{8,300}/i,
    accept: speaksToModel,
  }),
  anchoredPattern({
    id: 'injection.terminal-conceal',
    category: 'prompt-injection',
    severity: 'medium',
    description: 'Finds control sequences of terminals that hide text.',
    previewChars: 0,
    anchors: ['\u001b[', '\u009b'],
    pattern:
      // eslint-disable-next-line no-control-regex
      /(?:\u001b\[|\u009b)(?:\d{1,3};){0,3}8(?:;\d{1,3}){0,3}m[^\u001b]{1,2000}/,
  }),
];
