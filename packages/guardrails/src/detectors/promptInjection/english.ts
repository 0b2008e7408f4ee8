import type { Detector } from '../Detector';
import { injectionPattern } from './injectionPattern';

/** Up to five words; bounded, and each word ends where the gap begins. */
const WORDS = "(?:[\\w',.-]{1,20} ){0,5}?";

const INSTRUCTIONS =
  '(?:instructions?|prompts?|rules?|guidelines?|directives?|commands?|polic(?:y|ies)|restrictions?|constraints?|programming|training|guardrails|safeguards|safety (?:measures|checks|protocols)|context|orders|directions|conversation|system messages?|messages?|tasks?|goals?|requests?)';

const OVERRIDE_VERB =
  "(?:ignore|disregard|forget|override|overrule|bypass|stop (?:following|obeying)|do not (?:follow|obey|listen to)|don'?t (?:follow|obey|listen to)|pay no attention to|take no notice of)";

/** Without one of these, "ignore the rule" is about a linter. */
const EARLIER =
  "(?:previous(?:ly)?|prior|earlier|above|preceding|former|foregoing|original|initial|existing|system|developer|safety|security|hidden|your|you (?:were|have been|had|got)|aforementioned|standing|user'?s?|assistant'?s?|so far|until now|up to (?:now|this point)|before)";

/** Also said of changes, files and steps, so that only the clearest objects count. */
const WEAK_OVERRIDE =
  '(?:discard|drop|skip|neglect|abandon|cancel|void|erase|set aside) (?:all |any |every |of |the ){0,3}(?:your|previous|prior|earlier|preceding|original|initial|system) (?:[\\w-]{1,20} ){0,2}?(?:instructions?|prompts?|rules|guidelines?|directives?|programming|training|guardrails|safeguards)';

const OVERRIDE_ANCHORS = [
  'ignore',
  'disregard',
  'forget',
  'override',
  'overrule',
  'bypass',
  'discard',
  'drop',
  'skip',
  'neglect',
  'abandon',
  'cancel',
  'void',
  'erase',
  'set aside',
  'stop ',
  'do not',
  "don't",
  'dont',
  'pay no',
  'take no',
];

const HIDE_VERB =
  '(?:tell|inform|mention|reveal|disclose|notify|alert|report|admit|let on|say|explain)';

const PERSON =
  '(?:(?:the |your )?(?:users?|humans?|operators?|end[ -]users?)|the (?:customers?|person|owner|developer|client|admin|reader))';

/** What an attacker wants sent away. */
const PREY =
  '(?:conversation|chat|history|system prompts?|credentials?|secrets|api[ _-]?keys?|private keys?|passwords?|environment variables?|cookies?|\\.env|\\.ssh|id_rsa)';

/** Where it would go. */
const TARGET =
  '(?:https?:[^\\s"\'<>)]{0,300}|[\\w.%+-]{1,40}@[\\w.-]{1,80}|attacker|webhook|(?:[\\w-]{1,30}\\.){1,3}(?:com|net|org|io|xyz|ru|cn|tk|site|online|app|dev|example)\\b)';

/** Phrases in English that try to steer a model. */
export const ENGLISH_INJECTIONS: Detector[] = [
  injectionPattern({
    name: 'override',
    description: 'Finds orders to ignore earlier instructions.',
    severity: 'critical',
    anchors: OVERRIDE_ANCHORS,
    phrase: `(?:${WEAK_OVERRIDE}|(?:ignore|disregard|forget) (?:all )?(?:of )?the (?:above|foregoing|preceding)(?= (?:and|text|prompt)|[.,;:!]|$)|${OVERRIDE_VERB} (?:(?:${WORDS}${EARLIER} (?:[\\w',-]{1,20} ){0,3}?|(?:all|any) (?:of )?(?:(?:the|these|those|other) )?)${INSTRUCTIONS}(?: (?:above|before|given|so far|you))?|(?:everything|anything|all(?: of)?(?: this| that)?|what(?:ever)?|whatever) (?:[\\w',-]{1,20} ){0,3}?(?:above|before|previously|earlier|prior|you (?:were|have been|had been|know|learned)|i (?:said|told)|so far|said)))`,
  }),
  injectionPattern({
    name: 'new-instructions',
    description: 'Finds claims to be the new, real or higher instructions.',
    severity: 'high',
    anchors: [
      'new ',
      'updated',
      'real ',
      'actual ',
      'your ',
      'system',
      'admin',
      'developer',
      'these instructions',
      'the following',
      'important:',
      'end of',
      'begin ',
    ],
    phrase:
      '(?:(?:your )?(?:new|updated|real|actual|true|revised) (?:(?:system|secret|primary|main|top|only|priority) ){0,2}(?:(?:instructions?|task|goal|objective|mission|directives?|orders|persona|role|prompt) (?:is|are)(?: (?:to|now|as follows)|:)|(?:instructions?|task|goal|objective|mission|directives?|orders|prompt):)|(?:system|admin(?:istrator)?|developer|security|root) (?:prompt |instruction )?override(?:[:!]| (?:accepted|enabled|engaged|activated|code))|(?:these|the following) instructions (?:supersede|override|replace|take (?:precedence|priority) over) (?:all|any|every|your|the|previous|prior)|end of (?:the )?(?:system prompt|user (?:input|data|query)|untrusted|tool (?:output|result)|document|context)[^\\n]{0,40}?(?:new|begin|start|now|instructions?)|begin (?:new|system|admin) (?:instructions?|prompt|override))',
  }),
  injectionPattern({
    name: 'role',
    description:
      'Finds attempts to give the model another role, or to lift its limits.',
    severity: 'high',
    anchors: [
      'you are now',
      "you're now",
      'you are no longer',
      'act as',
      'pretend',
      'from now on',
      'enter ',
      'enable ',
      'activate ',
      'go into',
      'you are in',
      'you have been',
      'switch to',
      'developer mode',
      'god mode',
      'dan mode',
      'do anything now',
      'jailbreak',
      'roleplay',
      'role-play',
      'simulate',
      'respond as',
      'behave as',
      'without any restrictions',
      'unrestricted',
    ],
    phrase:
      "(?:you (?:are|'re) now (?:called |known as |acting as |playing |in )?(?:an? |the |my )?(?:(?!able|ready|logged|done|signed|connected|set|using|viewing|subscribed)[\\w-]{1,20} ){0,3}?(?:ai|assistant|dan|\\w{0,12}bot|unrestricted|unfiltered|uncensored|jailbroken|evil|hacker|persona|without (?:any )?(?:limits|restrictions|rules|filters)|with no (?:limits|restrictions|rules|filters)|free (?:from|of) (?:all|any|your))|you have been (?:(?:freed|released|unlocked|liberated) from|reprogrammed|jailbroken)|you are no longer (?:bound|an? (?:ai|assistant|language model)|restricted|limited|required|subject)|(?:act|respond|behave|roleplay|role-play|pretend) (?:as|to be|like|that you are|you are|you're)(?: if you (?:were|are|have))? (?:an? |the |my )?(?:[\\w-]{1,20} ){0,3}?(?:unrestricted|unfiltered|uncensored|unlimited|jailbroken|evil|dan|amoral|root|admin|administrator|superuser|hacker|no (?:restrictions|limits|rules|filters|guidelines)|without (?:any )?(?:restrictions|limits|rules|filters|guidelines|ethic(?:s|al)))|from now on,? (?:you (?:are|will|must|shall|should|have to|can|may|respond|answer|only)|(?:always )?(?:respond|answer|reply|act|obey|ignore))|(?:enter|enable|activate|switch to|you are in|go into) (?:the )?(?:developer|god|dan|debug|jailbreak|admin|maintenance|unrestricted|root|sudo) mode|(?:developer|god|dan|jailbreak) mode (?:is )?(?:now )?(?:enabled|activated|on|unlocked)|do anything now|unrestricted (?:ai|assistant|mode)|jailbreak (?:prompt|mode) (?:enabled|activated|on))",
  }),
  injectionPattern({
    name: 'concealment',
    description: 'Finds orders to hide something from the user.',
    severity: 'high',
    anchors: [
      'do not',
      "don't",
      'dont',
      'never',
      'without',
      'keep ',
      'hide ',
      'must not',
      'should not',
      'avoid ',
      'no need to',
      'secretly',
      'silently',
      'user must',
      'user should',
      'user does not',
      "user doesn't",
      'refrain',
    ],
    phrase: `(?:(?:do not|don'?t|dont|never|must not|should not|avoid|no need to|refrain from) (?:ever )?(?:${HIDE_VERB}|telling|informing|mentioning|revealing|disclosing|notifying) (?:(?:this|that|it|these|anything|about|any of|the|to) ){0,4}?(?:(?:[\\w-]{1,20} ){0,4}?(?:to|from) )?${PERSON}|(?:never|do not|don'?t) (?:mention|reveal|disclose|acknowledge) (?:that you|these instructions|this (?:instruction|note|message|step|comment|tool|call|action|request)|the (?:instructions|existence of))|without (?:telling|informing|mentioning (?:it|this|that)? ?to|alerting|revealing (?:it|this) to) ${PERSON}|(?:keep|hide) (?:this|it|that|these|the) (?:[\\w-]{1,20} ){0,3}?(?:(?:a )?(?:secret|hidden|confidential) )?from ${PERSON}|user (?:must|should|does|doesn'?t) (?:not|never)? ?(?:be )?(?:told|informed|know about|notice|made aware|find out|see this)|(?:secretly|silently) (?:send|forward|upload|copy|read|include|append|add|email|post|transmit|collect|execute|run|call|invoke))`,
  }),
  injectionPattern({
    name: 'tool-directive',
    description:
      'Finds orders to call tools or to read files, where data or a description is expected.',
    severity: 'high',
    anchors: [
      'before ',
      'first',
      'you must',
      'must ',
      'always ',
      'immediately',
      'whenever',
      'when ',
      'call ',
      'invoke ',
      'use ',
      'run ',
      'execute ',
      'after ',
    ],
    phrase:
      "(?:(?:before|after|when(?:ever)?) (?:you )?(?:using|calling|invoking|running|use|call|invoke|run|executing) (?:this|any|other|another|all)(?: [\\w`-]{1,30}){0,2}? (?:tools?|functions?),? (?:[\\w,]{1,15} ){0,4}?(?:must|should|read|call|fetch|get|load|send|include|pass|access|open|retrieve|invoke|use|run|first|need to|have to)|(?:you )?(?:must|always|immediately|first),? (?:[\\w,]{1,15} ){0,3}?(?:read|open|cat|access|load|fetch|include) (?:[\\w`'\",]{1,20} ){0,5}?[`'\"]?(?:~/|/etc/|/root/|/home/|\\.env\\b|\\.ssh|\\.aws|id_rsa|credentials)|(?:call|invoke|use|run|execute) (?:the |this )?[`'\"]?[\\w.:-]{2,60}[`'\"]? (?:tool|function|command)? ?(?:to|and|with) (?:silently |secretly |immediately )?(?:send|forward|upload|post|exfiltrate|transmit|email|leak|delete (?:all|every)|transfer (?:funds|money|all)|wire)|whenever (?:[\\w',]{1,20} ){0,9}?(?:tool|function|assistant|agent) (?:[\\w',]{1,20} ){0,6}?(?:must|also|instead) (?:call|invoke|use|send|bcc|forward|include|append))",
  }),
  injectionPattern({
    name: 'data-theft',
    description:
      'Finds orders to send conversations, credentials or files somewhere.',
    severity: 'critical',
    anchors: [
      'send ',
      'forward ',
      'post ',
      'upload ',
      'email ',
      'e-mail ',
      'exfiltrate',
      'transmit',
      'leak ',
      'append ',
      'include ',
      'encode ',
      'copy ',
      'paste ',
      'submit ',
      'pass ',
      'bcc ',
    ],
    phrase: `(?:(?:send|forward|post|upload|e-?mail|exfiltrate|transmit|leak|submit|copy|paste) (?:[\\w',"\`-]{1,20} ){0,6}?(?:your|user'?s?|entire|full|whole|complete|previous|the (?:conversation|chat|contents? of (?:the )?(?:~|/|\\.|conversation|chat|file)|system prompt|user)|(?:all|any|every|this|our)(?: (?:of )?(?:the|this|that|your|their|my))?(?: [\\w'-]{1,20})? (?:conversations?|chats?|history|prompts?|credentials?|secrets?|keys|tokens|passwords|e-?mails|messages|contacts|data|files|customers?|documents|everything|information|context))(?: [\\w',"\`./~-]{1,30}){0,5}? (?:to|via|at|into|using) (?:[\\w',:-]{1,20} ){0,3}?[\`"'<(]?${TARGET}|(?:append|include|encode|pass|add|put) (?:[\\w',-]{1,20} ){0,5}?(?:${PREY}(?: [\\w',-]{1,20}){0,5}? (?:to|in|into|as) (?:[\\w',-]{1,20} ){0,3}?(?:url|query ?(?:string)?|link|image|parameter|argument|(?:\`|")?[\\w_]{1,30}(?:\`|")? (?:parameter|argument|field))|(?:[\\w',-]{1,20} ){0,5}?(?:to|in|into|as) (?:[\\w',-]{1,20} ){0,2}?[\`"']?side_?note)|bcc (?:[\\w.%+-]{1,40}@|[\\w',-]{1,20} ){1,4}(?:on )?(?:all|every|each|any))`,
  }),
  injectionPattern({
    name: 'prompt-leak',
    description: 'Finds attempts to make a model tell its hidden instructions.',
    severity: 'medium',
    anchors: [
      'reveal',
      'print',
      'repeat',
      'show ',
      'output',
      'tell me',
      'what is your',
      'what are your',
      'what were your',
      'display',
      'leak',
      'expose',
      'share',
      'dump',
      'give me',
      'summarize your',
      'translate your',
      'write out',
      'recite',
    ],
    phrase:
      "(?:(?:reveal|print|repeat|show|output|tell me|display|leak|expose|share|dump|give me|summarize|translate|write out|recite) (?:me |us |out )?(?:(?:verbatim|exactly) )?(?:your|the (?:assistant's|model's|agent's)) (?:(?:full|entire|exact|complete|original|initial|hidden|secret|internal|system|developer|confidential|underlying) ){0,3}(?:prompts?|instructions|system messages?|context window)|(?:reveal|show|tell|print|what (?:is|are|were)) (?:me )?your (?:(?:full|entire|exact|complete|original|initial|hidden|secret|internal|system|developer|confidential|underlying) ){1,3}(?:prompts?|instructions|system messages?|guidelines|rules)|(?:repeat|print|output|recite|write out) (?:verbatim )?(?:(?:the|all|every|of|these) ){0,3}(?:everything|all|words?|text|messages?|lines|content) (?:that is |written )?(?:above|before this|preceding|prior to this)|(?:reveal|leak|dump|expose|print|output|show me|display) the (?:full |entire |hidden |secret |exact )?system (?:prompt|message))",
  }),
  injectionPattern({
    name: 'addressed-to-model',
    description: 'Finds text that addresses a model rather than a reader.',
    severity: 'medium',
    anchors: [
      'note to',
      'attention',
      'instruction',
      'if you are',
      "if you're",
      'dear ',
      'hey ',
      'message to',
      'message for',
      'hello ',
      'important instruction',
      'as an ai',
      'assistant:',
      'ai:',
      'important',
      'any ai',
      'any llm',
      'all ai',
    ],
    phrase:
      "(?:(?:note|message|instructions?|notice|memo|important instructions?) (?:to|for) (?:the |any |all )?(?:ai|llms?|ai (?:assistants?|agents?|models?|systems?)|language models?|chat ?bots?|(?:assistant|model)s?(?: reading)?|gpt|claude|copilot|gemini|chatgpt)|attention,?:? (?:all |any |the )?(?:ai|llms?|assistants?|language models?|agents?|claude|chatgpt|gpt|copilot)|(?:if|when) (?:you are|you're) an? (?:ai|llm|large language model|language model|automated|assistant|agent|bot)|(?:any|all) (?:ai|llm|language model)(?: (?:assistants?|agents?|models?|systems?))? (?:reading|processing|summari[sz]ing|parsing|analy[sz]ing|that (?:reads?|process(?:es)?)|must|should)|(?:dear|hey|hello) (?:ai|assistant|llm|chatgpt|claude|gpt|copilot|gemini|language model),)",
  }),
];
